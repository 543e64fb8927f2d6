import type { ComponentType } from "preact";
import type { CatalogStatus } from "semroute/v1/catalog";
import type { Session } from "../shell/session.ts";
import { MapPage } from "./map/page.tsx";
import { QualityPage } from "./quality/page.tsx";
import { RoutesPage } from "./routes/page.tsx";
import { TrafficPage } from "./traffic/page.tsx";
import { TryPage } from "./try/page.tsx";

/** What every page is given. */
export interface PageProps {
  /** What stands behind the page's name in the address. */
  params: URLSearchParams;
  /** Whether the session may look at and change everything. */
  admin: boolean;
  session: Session;
  /** What the server serves and builds; undefined where that is not known. */
  status: CatalogStatus | undefined;
}

export interface Page {
  name: string;
  title: string;
  /** Only for administrators. */
  admin: boolean;
  View: ComponentType<PageProps>;
}

/** All pages, in the order of the menu. */
export const pages: readonly Page[] = [
  { name: "try", title: "Try", admin: false, View: TryPage },
  { name: "map", title: "Map", admin: true, View: MapPage },
  { name: "routes", title: "Routes", admin: true, View: RoutesPage },
  { name: "traffic", title: "Traffic", admin: true, View: TrafficPage },
  { name: "quality", title: "Quality", admin: true, View: QualityPage },
];
