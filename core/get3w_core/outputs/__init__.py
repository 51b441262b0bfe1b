"""What comes back of a prediction: outputs as objects, their content, file names and display.

Imports `_common` and `errors`, so that requests can name the outputs of their model. Fetches
nothing: an output is handed a reader, which `api` has.
"""
