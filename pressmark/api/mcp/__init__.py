"""The archive for language models, over the Model Context Protocol.

Used by `pressmark mcp`. It adds nothing to the archive unless the operator allows it.
"""
