"""Which answers a cache could give in the server's place: rates, a replay of logs, and the strategies. Pure."""
