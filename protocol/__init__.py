"""What travels between the factory and the office: topics, messages, their JSON, and one MQTT session.

A leaf: nothing here imports the simulator, the dashboard or the demo.

- `moments`: int64 milliseconds inside, ISO 8601 and aware datetimes at the edges
- `states`: what a machine can be doing
- `topics`: the addresses
- `readings`: the batch of readings, the one message on the hot path
- `messages`: every other message
- `address`: where the broker is and who connects
- `session`: one connection to the broker that survives the broker
"""
