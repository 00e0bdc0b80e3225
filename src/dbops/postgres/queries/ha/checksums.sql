-- Whether data pages have checksums. Readable by any role.
SELECT json_build_object('on', data_page_checksum_version > 0) FROM pg_control_init()
