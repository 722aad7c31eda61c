"""The product under attack, and what keeps attackers out: docs/security.md names these tests."""
