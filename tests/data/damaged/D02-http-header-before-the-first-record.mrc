HTTP/1.1 200 OK
Content-Type: application/marc

00154nam a2200073 a 4500001000200000008004100002245002300043650001400066a200101s2020    xx            000 0 eng d10aTitle a /cNobody. 0aSubject a