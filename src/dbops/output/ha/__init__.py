"""How ``dbops ha-status`` looks: for people, for Nagios, for Prometheus, and as a page."""
