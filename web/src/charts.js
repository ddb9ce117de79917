// Draws the charts of the dashboards from the numbers that stand in the page. Whoever has no script has the tables beneath.
// Canvas and plain-text tooltips only: the content policy allows no inline style.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--q-${name}`).trim();
}

function common() {
  const text = token("text");
  return {
    animation: false,
    color: [token("primary"), token("success"), token("warning"), token("danger"), token("muted")],
    textStyle: { color: text, fontFamily: getComputedStyle(document.body).fontFamily },
    legend: { top: 0, textStyle: { color: text }, itemWidth: 14, itemHeight: 10 },
    tooltip: {
      renderMode: "richText", confine: true, backgroundColor: token("surface"), borderColor: token("line-strong"),
      textStyle: { color: text },
    },
  };
}

function axes() {
  return {
    axisLabel: { color: token("text-2") },
    axisLine: { lineStyle: { color: token("line-strong") } },
    splitLine: { lineStyle: { color: token("line") } },
  };
}

/** In stock and activated, day by day, against the due days. */
function trend({ days, series, dues, expected }) {
  const shown = dues.filter((due) => days.includes(due.day));
  const due = {
    symbol: "none", silent: true, lineStyle: { color: token("danger"), type: "dashed" },
    label: { color: token("danger"), formatter: ({ name }) => name, position: "insideEndTop" },
    data: shown.map(({ name, day }) => ({ name, xAxis: day })),
  };
  const goal = {
    name: "应毕业", yAxis: expected, lineStyle: { color: token("muted"), type: "dotted" },
    label: { color: token("muted"), position: "insideStartTop" },
  };
  if (expected > 0) due.data.push(goal);
  const top = Math.max(expected, ...series.flatMap(({ values }) => values));
  return {
    ...common(),
    grid: { left: 8, right: 16, top: 36, bottom: 8, containLabel: true },
    tooltip: { ...common().tooltip, trigger: "axis" },
    xAxis: { type: "category", data: days, boundaryGap: false, ...axes(), axisLabel: {
      ...axes().axisLabel, formatter: (day) => day.slice(5), hideOverlap: true } },
    yAxis: { type: "value", minInterval: 1, max: Math.ceil(top * 1.05), ...axes(), axisLabel: {
      ...axes().axisLabel, showMaxLabel: false } },
    series: series.map(({ name, values }, at) => ({
      name, type: "line", step: "end", data: values, showSymbol: values.length < 2,
      areaStyle: { opacity: at === 0 ? 0.08 : 0.16 }, ...(at === 0 ? { markLine: due } : {}),
    })),
  };
}

/** One bar for each name, made of the series. */
function bars({ names, series }) {
  const several = series.length > 1;
  return {
    ...common(),
    legend: { ...common().legend, show: several },
    grid: { left: 8, right: 32, top: several ? 56 : 8, bottom: 8, containLabel: true },
    xAxis: { type: "value", minInterval: 1, ...axes() },
    yAxis: { type: "category", data: names, inverse: true, ...axes(), axisLabel: {
      ...axes().axisLabel, width: 120, overflow: "truncate" } },
    series: series.map(({ name, values, hrefs }) => ({
      name, type: "bar", stack: "all", barMaxWidth: 22, cursor: "pointer",
      data: values.map((value, at) => ({ value, href: hrefs[at] })),
    })),
  };
}

const kinds = { trend, bars };

for (const place of document.querySelectorAll("[data-chart]")) {
  const data = JSON.parse(place.dataset.values);
  // A bar for each name needs its own height; the style sheet says the rest.
  if (data.names) place.style.height = `${data.names.length * 28 + 90}px`;
  const chart = init(place);
  const draw = () => chart.setOption(kinds[place.dataset.chart](data), true);
  draw();
  chart.on("click", ({ data: bar }) => {
    if (bar?.href) location.assign(bar.href);
  });
  new ResizeObserver(() => chart.resize()).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
