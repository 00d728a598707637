[{"title":"A title","authors":["A. Author"],"year":1990}]
