"""The engines that forums run on, one a file. `extractor.forum` lists them."""
