// Package console is the web page of the binary: at /console on the HTTP listener,
// whoever owns the routes looks, tries, corrects and sees what it does.
//
// It holds the built page, in its assets, and the session of a browser. The page
// asks the same services as every other client, by Connect; there is no second
// logic here. What callers may do is auth's, as for everybody: a session holds
// the key or token that was shown, and is good for as long as that is.
//
// The page's source is in web; `make console` builds it into assets.
package console
