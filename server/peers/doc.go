// Package peers keeps a listener up under callers that mean it no good, or whose
// programs are broken. It promises bounds for what strangers can make a server
// hold: connections in all and from one address, bytes of messages that never
// end, the time such a message may take, and frames that ask for work and leave
// nothing. Who goes beyond loses the connection, and nobody else does.
//
// It looks at the frames of HTTP/2 no further than their heads; what they mean is
// gRPC's affair.
package peers
