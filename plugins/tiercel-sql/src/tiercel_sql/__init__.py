TYPES: dict[str, str] = {}
