"""Where commands run. A runner takes a command and gives its exit code; more of them come to stand here."""
