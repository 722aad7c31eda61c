"""The edge: plant time goes by in step with the office, and all of it is told over MQTT."""
