"""Histories and messages of earlier versions, stored when each was made, met by the present program."""
