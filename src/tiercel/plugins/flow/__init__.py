"""plugins/flow"""
