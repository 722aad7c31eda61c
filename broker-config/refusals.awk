# Of what Mosquitto says at its level `debug`, keeps who was refused what, and all that it says otherwise.
# Refusals are told sixty a minute, and beyond that counted: whoever is refused faster shall not fill the disk.

function close_minute() {
    if (refused > 60) print minute ": refused " refused - 60 " more in that minute"
}

# A sign-in that was refused is a CONNACK with a code: 4 a wrong password, 5 not authorised. Whoever leaves in
# the middle of TLS, or never spoke it, needs no password for the broker to say so.
/: Denied / || /: Sending CONNACK to .*\(0, [1-9][0-9]*\)/ || /: OpenSSL Error/ {
    if (minute != substr($0, 1, 16)) { close_minute(); minute = substr($0, 1, 16); refused = 0 }
    if (++refused <= 60) { print; fflush() }
    next
}
/: (Sending|Received|No will|Will message|\t)/ || /^[0-9T:-]+: [ \t]/ { next }
{ print; fflush() }
END { close_minute() }
