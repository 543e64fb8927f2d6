/**
 * Client of semroute, the semantic router for language models, by Connect: in
 * browsers, Node and everywhere else that has fetch.
 */
import { type Client, type Interceptor, type Transport, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { CatalogService } from "./gen/semroute/v1/catalog_pb.js";
import { FeedbackService } from "./gen/semroute/v1/feedback_pb.js";
import { RouterService } from "./gen/semroute/v1/router_service_pb.js";
import { MapService } from "./gen/semroute/v1/map_pb.js";
import { QualityService } from "./gen/semroute/v1/quality_pb.js";
import { TrafficService } from "./gen/semroute/v1/traffic_pb.js";

/** What a client needs to know. */
export interface Options {
  /** The address of `serve --http-listen`, such as http://127.0.0.1:8080. */
  baseUrl: string;
  /** An API key or a token. */
  key?: string;
  /** Another way to the server, for tests. */
  transport?: Transport;
}

/** The services of a server. */
export interface Semroute {
  router: Client<typeof RouterService>;
  catalog: Client<typeof CatalogService>;
  feedback: Client<typeof FeedbackService>;
  traffic: Client<typeof TrafficService>;
  quality: Client<typeof QualityService>;
  map: Client<typeof MapService>;
}

/** Makes the clients of all services; they share what they send their calls by. */
export function connect(options: Options): Semroute {
  const identify: Interceptor = (next) => (request) => {
    if (options.key !== undefined) {
      request.header.set("Authorization", `Bearer ${options.key}`);
    }
    return next(request);
  };
  const transport = options.transport ?? createConnectTransport({ baseUrl: options.baseUrl, interceptors: [identify] });
  return {
    router: createClient(RouterService, transport),
    catalog: createClient(CatalogService, transport),
    feedback: createClient(FeedbackService, transport),
    traffic: createClient(TrafficService, transport),
    quality: createClient(QualityService, transport),
    map: createClient(MapService, transport),
  };
}
