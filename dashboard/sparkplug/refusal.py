"""What is wrong with the settings of the host application. Needs no package that others need not have."""

from protocol.sentences import RefusalError


class SparkplugError(RefusalError):
    """Raised when a setting cannot be understood; says which key, which value and what is allowed."""
