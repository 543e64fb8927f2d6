// Bundles the page into the folder that is given: the same bytes from the same source,
// wherever it lies.
import { build } from "esbuild";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const client = fileURLToPath(new URL("../../clients/typescript/src/", import.meta.url));
const out = process.argv[2] ?? fileURLToPath(new URL("../assets", import.meta.url));

// The generated client is that of every TypeScript program. Its libraries are the
// ones of this page, also where the client has some of its own beside it.
const ours = {
  name: "one-copy-of-libraries",
  setup(b) {
    b.onResolve({ filter: /^semroute$/ }, () => ({ path: `${client}index.ts` }));
    b.onResolve({ filter: /^semroute\/v1\// }, (a) => ({ path: `${client}gen/semroute/v1/${a.path.slice("semroute/v1/".length)}_pb.ts` }));
    b.onResolve({ filter: /^@(bufbuild|connectrpc)\// }, (a) =>
      a.pluginData === ours ? undefined : b.resolve(a.path, { kind: a.kind, resolveDir: here, pluginData: ours }),
    );
  },
};

await mkdir(out, { recursive: true });
for (const old of await readdir(out)) {
  await rm(`${out}/${old}`);
}
await build({
  absWorkingDir: here,
  entryPoints: { main: "src/main.tsx" },
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2023"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  plugins: [ours],
});
await copyFile(`${here}src/index.html`, `${out}/index.html`);
