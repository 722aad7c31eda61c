#!/bin/sh
# Runs the broker, and lets refusals.awk read what it says. The broker takes this process's place, so that
# it gets the signals to stop and to read its passwords anew.
set -eu
rm -f /tmp/said
mkfifo /tmp/said
# -W interactive: mawk would wait for a full buffer; others ignore it.
awk -W interactive -f /mosquitto/config/refusals.awk < /tmp/said 2> /dev/null &
exec mosquitto -c /mosquitto/config/mosquitto.conf > /tmp/said 2>&1
