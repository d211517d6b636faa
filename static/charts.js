// Charts of use: grid and generator stacked, told apart by colour and pattern, the balance as a line.
const charts = new Map(); // the canvas's place → what is drawn there

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/* Slanted lines on the generator's colour: it is told apart without seeing colours. */
function hatched(context) {
  const ratio = devicePixelRatio, size = 7 * ratio;
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.fillStyle = colour("--amber-bright");
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = colour("--chart-paper");
  pen.lineWidth = 1.6 * ratio;
  pen.beginPath();
  for (const shift of [-size, 0, size]) { pen.moveTo(shift, size); pen.lineTo(shift + size, 0); }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

const sum = (one, other) => (one === null && other === null ? null : (one ?? 0) + (other ?? 0));
const kwh = (wh) => (wh === null ? null : wh / 1000);
const number = (value, digits) => value.toLocaleString(document.documentElement.lang === "hi" ? "hi-IN" : "en-IN", { minimumFractionDigits: digits, maximumFractionDigits: digits });

const decimals = (step) => (String(step).split(".")[1] ?? "").length; // enough to tell two ticks apart

function spoken(data, words, n) {
  const parts = [`${data.labels[n]}:`];
  if (data.grid[n] === null && data.dg[n] === null) parts.push(words.unknown);
  if (data.grid[n] !== null) parts.push(`${words.grid} ${number(data.grid[n] / 1000, 2)} kWh`);
  if (data.dg[n] !== null) parts.push(`${words.dg} ${number(data.dg[n] / 1000, 2)} kWh`);
  if (data.balance?.[n] != null) parts.push(`${words.money}${number(data.balance[n] / 100, 2)}`);
  if (data.estimated[n]) parts.push(`(${words.estimated})`);
  return parts.join(" · ").replace(":  ·", ":").replace(": ·", ":");
}

function options(figure, data, words, width) {
  const text = colour("--tblr-secondary"), line = colour("--chart-line");
  const bars = uPlot.paths.bars({ size: [0.72, 60] });
  const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const every = Math.max(1, Math.ceil(data.labels.length / Math.max(2, Math.floor(width / 64))));
  return {
    width, height: width < 480 ? 200 : 240, legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.6, data.labels.length - 0.4] }, kwh: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] }, money: { auto: true } },
    axes: [
      { ...axis, size: 28, grid: { show: false }, splits: () => data.labels.map((_, n) => n).filter((n) => n % every === 0), values: (_, at) => at.map((n) => data.labels[n] ?? "") },
      { ...axis, scale: "kwh", size: 46, values: (_, at, __, ___, step) => at.map((value) => number(value, decimals(step))) },
      ...(data.balance && width > 480 ? [{ ...axis, scale: "money", side: 1, size: 62, grid: { show: false }, values: (_, at) => at.map((value) => `${words.money}${number(value, 0)}`) }] : []),
    ],
    series: [
      {},
      { scale: "kwh", paths: bars, fill: (chart) => hatched(chart.ctx), stroke: colour("--amber-bright"), width: 1, points: { show: false } },
      { scale: "kwh", paths: bars, fill: colour("--chart-grid"), stroke: colour("--chart-grid"), width: 1, points: { show: false } },
      ...(data.balance ? [{ scale: "money", stroke: colour("--chart-ink"), width: 2, dash: [6, 3], spanGaps: false, points: { show: data.labels.length < 3 } }] : []),
    ],
    hooks: {
      draw: [(chart) => fade(chart, data)],
      setCursor: [(chart) => { if (chart.cursor.idx != null) read(figure, spoken(data, words, chart.cursor.idx)); }],
    },
  };
}

/* What is only estimated is drawn lighter. */
function fade(chart, data) {
  const { ctx, bbox } = chart, step = Math.abs(chart.valToPos(1, "x", true) - chart.valToPos(0, "x", true));
  ctx.save();
  ctx.globalAlpha = 0.55;
  ctx.fillStyle = colour("--chart-paper");
  data.estimated.forEach((yes, n) => {
    if (yes) ctx.fillRect(chart.valToPos(n, "x", true) - step / 2, bbox.top, step, bbox.height);
  });
  ctx.restore();
}

function read(figure, text) {
  const output = figure.closest("section")?.querySelector(".chart-read");
  if (output && output.textContent !== text) output.textContent = text;
}

function draw(figure) {
  const place = figure.querySelector(".chart-canvas");
  const data = JSON.parse(figure.dataset.chart), words = JSON.parse(figure.dataset.words);
  const width = Math.floor(place.clientWidth);
  if (!width) return;
  charts.get(place)?.destroy();
  place.replaceChildren();
  const x = data.labels.map((_, n) => n), grid = data.grid.map(kwh), dg = data.dg.map(kwh);
  const both = grid.map((wh, n) => sum(wh, dg[n]));
  const columns = [x, both, grid, ...(data.balance ? [data.balance.map((paise) => (paise === null ? null : paise / 100))] : [])];
  charts.set(place, new uPlot(options(figure, data, words, width), columns, place));
}

function drawAll() {
  for (const place of charts.keys()) if (!place.isConnected) { charts.get(place).destroy(); charts.delete(place); }
  for (const figure of document.querySelectorAll("[data-chart]")) draw(figure);
}

/* New numbers, another size, another theme: drawn anew. */
new MutationObserver((changes) => {
  for (const change of changes) {
    if (change.type === "attributes") draw(change.target);
    else for (const node of change.addedNodes) for (const figure of node.querySelectorAll?.("[data-chart]") ?? []) draw(figure);
  }
}).observe(document.querySelector("#main"), { subtree: true, childList: true, attributes: true, attributeFilter: ["data-chart"] });
new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
let settled;
addEventListener("resize", () => { clearTimeout(settled); settled = setTimeout(drawAll, 150); });

document.addEventListener("keydown", (event) => {
  const figure = event.target.closest?.("[data-chart]");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!figure || !step) return;
  event.preventDefault();
  const chart = charts.get(figure.querySelector(".chart-canvas"));
  if (!chart) return;
  const last = chart.data[0].length - 1;
  const n = Math.min(last, Math.max(0, (chart.cursor.idx ?? (step > 0 ? -1 : last + 1)) + step));
  chart.setCursor({ left: chart.valToPos(n, "x"), top: 10 });
});

drawAll();
