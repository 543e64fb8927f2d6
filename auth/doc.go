// Package auth says who calls and what they may do. It promises that what a
// caller is allowed comes from its key, token or certificate and never from what
// it says about itself, and that one table names the role of every RPC and HTTP
// path: what the table does not name is for administrators only.
//
// It knows neither gRPC nor HTTP: a listener hands over Credentials and has an
// Identity, which goes along in the context. The packages below are the ways to
// prove one: apikey, token (JWT) and peercert (mTLS); authfile reads the file
// that configures them.
package auth
