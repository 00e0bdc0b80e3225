-- What a standby receives, and from whom. A role without pg_monitor sees a row of NULLs.
SELECT json_agg(json_build_object(
    'status', status,
    'timeline', received_tli,
    'slot', nullif(slot_name, ''),
    'sender_host', sender_host,
    'sender_port', sender_port,
    'last_message', extract(epoch FROM last_msg_receipt_time)
)) FROM pg_stat_wal_receiver
