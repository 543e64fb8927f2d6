import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { MapMethod } from "semroute/v1/map";
import { Card, Failure, Notice, Waiting } from "../../components/basics.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { semroute } from "../../lib/api.ts";
import { count, plural } from "../../lib/format.ts";
import { useLoad } from "../../lib/load.ts";
import { keepPlace, linkTo } from "../../lib/location.ts";
import type { PageProps } from "../pages.ts";
import { dataOf, everything, type Filter, type MapData, placesOf, shownOf } from "./data.ts";
import { Findings } from "./findings.tsx";
import { Legend, Marks } from "./legend.tsx";
import { PointList } from "./list.tsx";
import { usePlaced } from "./prompt.ts";
import { Scatter, type Steering } from "./scatter.tsx";
import { Selected } from "./selected.tsx";
import { About } from "./tip.tsx";
import { Typed } from "./typed.tsx";

/** How many prompts without a route are shown. */
const abstentions = 100;

/** All utterances as a picture: what lies together, what stands out, and where a prompt falls. */
export function MapPage(props: PageProps) {
  const [flat, setFlat] = useState(props.params.get("by") === "pca");
  const method = flat ? MapMethod.PCA : MapMethod.NEIGHBOURS;
  const [text, setText] = useState(props.params.get("prompt") ?? "");
  const placing = usePlaced(text, method);
  const map = useLoad(async (signal) => dataOf(await semroute.map.getMap({ method, abstentions }, { signal })), [method]);
  const serving = props.status?.fingerprint;
  useEffect(() => {
    if (serving && map.value && serving !== map.value.fingerprint) {
      map.reload();
    }
  }, [serving]);
  useEffect(() => keepPlace("map", { by: flat ? "pca" : undefined, prompt: text }), [flat, text]);
  return (
    <div class="stack">
      <div class="row spread">
        <h1>Map of the utterances</h1>
        <label class="row small">
          Keep
          <select value={flat ? "pca" : "near"} onChange={(e) => setFlat(e.currentTarget.value === "pca")}>
            <option value="near">neighbours together (PaCMAP)</option>
            <option value="pca">large distances (PCA)</option>
          </select>
        </label>
      </div>
      <Failure error={map.error} retry={map.reload} />
      {map.value ? (
        <Drawn key={map.value.fingerprint} data={map.value} text={text} setText={setText} placing={placing} />
      ) : (
        map.loading && <Waiting what="Drawing the map, which takes some seconds the first time after a change" />
      )}
    </div>
  );
}

function Drawn(props: { data: MapData; text: string; setText: (text: string) => void; placing: ReturnType<typeof usePlaced> }) {
  const { data } = props;
  const [filter, setFilter] = useState<Filter>(everything);
  const [active, setActive] = useState<number>();
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [lassoing, setLassoing] = useState(false);
  const [tab, setTab] = useState("points");
  const steering = useRef<Steering>(null);
  const shown = useMemo(() => shownOf(data, filter), [data, filter]);
  const places = useMemo(() => placesOf(shown), [shown]);
  const placed = props.placing.placed?.fingerprint === data.fingerprint ? props.placing.placed : undefined;
  const toggle = (place: number) => {
    const next = new Set(selected);
    if (!next.delete(place)) {
      next.add(place);
    }
    setSelected(next);
  };
  const choose = (list: readonly number[]) => {
    setSelected(new Set(list));
    setTab("selected");
  };
  const show = (list: number[]) => {
    choose(list);
    steering.current?.zoomTo(list);
  };
  const pick = (place: number | undefined, more: boolean) => {
    setActive(place);
    if (place !== undefined) {
      more ? toggle(place) : setSelected(new Set([place]));
    }
  };
  const whole = filter === everything;
  return (
    <div class="map">
      <Card label="Map">
        <div class="row spread">
          <Marks data={data} filter={filter} change={setFilter} />
          <div class="row">
            <button class="slim" aria-pressed={lassoing} title="Or drag with Shift" onClick={() => setLassoing(!lassoing)}>Lasso</button>
            <button class="slim" aria-label="Zoom in" onClick={() => steering.current?.zoomBy(1.5)}>+</button>
            <button class="slim" aria-label="Zoom out" onClick={() => steering.current?.zoomBy(1 / 1.5)}>−</button>
            <button class="slim" onClick={() => steering.current?.whole()}>Show all</button>
          </div>
        </div>
        <Scatter
          data={data} shown={shown} active={active} selected={selected} placed={placed} lassoing={lassoing}
          pick={pick} catchAll={choose} steering={steering}
        />
        <Legend data={data} filter={filter} change={setFilter} />
        {data.leftOut > 0 && <Notice kind="warn">{plural(data.leftOut, "utterance")} of {count(data.leftOut + data.utterances)} are not drawn: there are too many, or they have no vector. Each route shows the same share.</Notice>}
        {data.notice && <p class="small soft">Without abstentions: {data.notice}.</p>}
      </Card>
      <div class="stack">
        <Typed
          data={data} text={props.text} change={props.setText} placing={{ ...props.placing, placed }} activate={setActive}
          find={() => placed && steering.current?.zoomTo(placed.nearest.map((n) => n.point))}
        />
        <Card label="What is on the map">
          <Tabs
            label="What is on the map" chosen={tab} choose={setTab}
            of={[["points", "Utterances"], ["findings", `Findings ${count(data.notes.length)}`], ["selected", `Selected ${count(selected.size)}`]]}
          />
          {tab === "points" && (
            <>
              <div class="row">
                <label class="field grow">Find<input value={filter.find} onInput={(e) => setFilter({ ...filter, find: e.currentTarget.value })} /></label>
              </div>
              <div class="row">
                <button class="slim" disabled={whole} onClick={() => setFilter(everything)}>Show everything</button>
                <button class="slim" disabled={whole || places.length === 0} onClick={() => choose(places)}>Select what is shown</button>
              </div>
              <PointList label="Points" data={data} places={places} active={active} selected={selected} activate={setActive} toggle={toggle} />
            </>
          )}
          {tab === "findings" && <Findings data={data} marks={filter.marks} show={show} />}
          {tab === "selected" && (
            <Selected data={data} selected={selected} active={active} activate={setActive} toggle={toggle} clear={() => setSelected(new Set())} show={show} />
          )}
          {active !== undefined && active < data.size && (
            <div class="stack tight chosen" role="group" aria-label="The chosen point">
              <strong>{data.text[active]}</strong>
              <About data={data} place={active} most={6} />
              <div class="row small">
                <a href={linkTo("try", { prompt: data.text[active] })}>Try it</a>
                {active < data.utterances && <a href={linkTo("routes", { route: data.routes[data.route[active] ?? 0] })}>Open its route</a>}
              </div>
            </div>
          )}
        </Card>
      </div>
    </div>
  );
}
