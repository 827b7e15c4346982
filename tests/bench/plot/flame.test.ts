/** Folding a profile into what can be drawn, and drawing it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Profile } from "../profile-report.ts";
import { foldProfile, microsByLayer, pruned, type Frame } from "./flame-fold.ts";
import { renderFlame } from "./flame-svg.ts";
import { xmlProblem } from "./well-formed.ts";

const flame = suite("bench: flame");

type Tree = readonly [name: string, url: string, selfMicros: number, ...children: Tree[]];

/** Self time becomes two samples, so that adding up is tested as well. */
function profileOf(tree: Tree): Profile {
  const nodes: Profile["nodes"][number][] = [];
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const add = ([functionName, url, micros, ...children]: Tree): number => {
    const id = nodes.length + 1;
    const node = { id, children: [] as number[], callFrame: { functionName, url, lineNumber: 1 } };
    nodes.push(node);
    samples.push(id, id);
    timeDeltas.push(micros / 2, micros / 2);
    node.children.push(...children.map(add));
    return id;
  };
  add(tree);
  return { nodes, samples, timeDeltas };
}

const library = "file:///somewhere/else/node_modules/.cache/bench/library";
const packages = "file:///somewhere/else/node_modules";

const sample = profileOf([
  "(root)",
  "",
  0,
  ["(idle)", "", 5000],
  ["(garbage collector)", "", 40],
  ["(program)", "", 10],
  [
    "onStreamRead",
    "node:internal/stream_base_commons",
    10,
    [
      "push",
      "node:internal/streams/readable",
      20,
      [
        "socketOnData",
        `${packages}/ws/lib/websocket.js`,
        30,
        [
          "receive",
          `${library}/core/sync/ingest.js`,
          100,
          [
            "hashLeaf",
            `${library}/core/crypto/hash.js`,
            50,
            [
              "js-to-wasm:ii:i",
              "",
              1,
              ["wasm-function[7]", "wasm://wasm/1", 200, ["wasm-function[8]", "wasm://wasm/1", 300]],
            ],
          ],
        ],
      ],
    ],
    ["emit", "node:events", 5, ["receive", `${library}/core/sync/ingest.js`, 34]],
  ],
  ["post", "node:inspector", 0, ["dispatch", "", 900]],
]);

const named = (frame: Frame, name: string): Frame | undefined =>
  frame.name === name ? frame : frame.children.map((child) => named(child, name)).find((found) => found !== undefined);

flame("waiting and the profiler's own start are left out, everything else is there", () => {
  const { root, idleMicros } = foldProfile(sample);
  assert.is(idleMicros, 5000);
  assert.is(root.micros, 800);
  assert.is(named(root, "dispatch"), undefined);
  assert.is(
    [...microsByLayer(root).values()].reduce((a, b) => a + b, 0),
    800,
  );
});

flame("Node's frames, a package's and those in WebAssembly are one each", () => {
  const { root } = foldProfile(sample);
  const read = named(root, "onStreamRead");
  assert.is(read?.selfMicros, 35);
  assert.equal(
    read?.children.map(({ name, micros }) => [name, micros]),
    [
      ["socketOnData", 681],
      ["receive", 34],
    ],
  );
  const wasm = named(root, "WebAssembly");
  assert.is(wasm?.micros, 501);
  assert.equal(wasm?.children, []);
});

flame("each frame has its layer and a place within the repository", () => {
  const { root } = foldProfile(sample);
  const expected = [
    ["garbage collection", "gc", ""],
    ["native code", "node", ""],
    ["socketOnData", "transport", "ws"],
    ["receive", "sync", "core/sync/ingest"],
    ["hashLeaf", "crypto", "core/crypto/hash"],
    ["WebAssembly", "wasm", ""],
  ];
  for (const [name = "", layer, place] of expected) {
    const frame = named(root, name);
    assert.equal([frame?.layer, frame?.place], [layer, place], name);
  }
});

flame("the same function under the same caller is one frame, however often V8 has it", () => {
  const folder = `${library}/core/log/event-log.js`;
  const { root } = foldProfile(
    profileOf(["(root)", "", 0, ["append", folder, 4, ["a", folder, 6]], ["append", folder, 10, ["a", folder, 20]]]),
  );
  assert.is(root.children.length, 1);
  assert.is(root.children[0]?.micros, 40);
  assert.is(root.children[0]?.children[0]?.micros, 26);
});

flame("short frames become one, without any time getting lost", () => {
  const short: Tree[] = ["a", "b", "c", "d"].map((name) => [name, `${library}/core/sync/engine.js`, 2]);
  const { root } = foldProfile(profileOf(["(root)", "", 0, ["main", `${library}/core/host/host.js`, 90, ...short]]));
  const [main] = pruned(root, 3).children;
  assert.equal(
    main?.children.map(({ name, micros, layer }) => [name, micros, layer]),
    [["4 smaller", 8, "sync"]],
  );
  assert.is(main?.micros, 98);
  assert.equal(pruned(root, 10).children[0]?.children, []);
});

flame("the drawing is well-formed, tells shares, and holds no path of a machine", () => {
  const drawn = renderFlame(foldProfile(sample), "Receiving <50 MiB> & more");
  assert.is(xmlProblem(drawn), undefined);
  assert.is(renderFlame(foldProfile(sample), "Receiving <50 MiB> & more"), drawn);
  assert.match(drawn, /<title>hashLeaf \(core\/crypto\/hash\): 68\.9 %, 1 ms; itself 6\.3 %<\/title>/);
  assert.not.match(drawn, /somewhere|node_modules|file:|NaN/);
});

flame("a profile in which nothing ran is no drawing of nonsense", () => {
  const drawn = renderFlame(foldProfile(profileOf(["(root)", "", 0, ["(idle)", "", 10]])), "Nothing");
  assert.is(xmlProblem(drawn), undefined);
  assert.not.match(drawn, /NaN|Infinity/);
});

flame.run();
