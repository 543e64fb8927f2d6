/** The server's services, asked in the name of the browser's session. */
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { connect } from "semroute";

/** signedOut is told to the window when the server no longer knows who asks. */
export const signedOut = "semroute-signed-out";

const watching: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    if (ConnectError.from(error).code === Code.Unauthenticated) {
      window.dispatchEvent(new Event(signedOut));
    }
    throw error;
  }
};

export const semroute = connect({
  baseUrl: location.origin,
  transport: createConnectTransport({ baseUrl: location.origin, interceptors: [watching], useBinaryFormat: true }),
});
