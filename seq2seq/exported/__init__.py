"""The exported page: one HTML file that holds a model and all that translates with it in a browser.

`pack` writes a model as bytes, `rules` and `patterns` what the text step needs to know, `page` the file. In engine/
are the text step, the vocabularies, the network, the search and the recorder in JavaScript, and the products of
matrices in WebAssembly; in page/ is what one sees around the stage.
"""
