// What every page shares: trouble, the chart library (gzip in base64 in #library) and the look of charts.
'use strict';

const blue = '#0072b2', vermilion = '#d55e00', grey = '#b4bcc5', ink = '#1c2733', soft = '#5b6875', line = '#dfe4ea';
const layer_colours = ['#2f3b47', '#0072b2', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const many_spikes = 3000;  // from here on markers are drawn by WebGL, where the browser has it

// ---- what goes wrong is shown, and kept where a test can read it ----

function show_trouble() {
  const box = document.getElementById('trouble');
  const { errors } = document.documentElement.dataset;
  if (box && errors) {
    box.hidden = false;
    box.textContent = `The charts are incomplete: ${errors}. The tables are not affected.`;
  }
}

function report_trouble(message) {
  const { dataset } = document.documentElement;
  dataset.errors = dataset.errors ? `${dataset.errors}; ${message}` : message;
  show_trouble();
}

function watch_errors() {
  window.addEventListener('error', (event) => report_trouble(event.message));
  window.addEventListener('unhandledrejection', (event) => report_trouble(String(event.reason)));
  document.addEventListener('securitypolicyviolation', (event) => report_trouble(`refused: ${event.blockedURI}`));
  const log = console.error.bind(console);
  console.error = (...words) => {
    log(...words);
    report_trouble(words.join(' '));
  };
}

// ---- the library ----

async function load_library() {
  if (typeof DecompressionStream === 'undefined') {
    throw new Error('they need a browser of 2023 or later');
  }
  const element = document.getElementById('library');
  const bytes = Uint8Array.from(atob(element.textContent), (c) => c.charCodeAt(0));
  element.remove();
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const script = document.createElement('script');
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);
  script.remove();
}

// ---- shared by all charts ----

// The library reads a few HTML tags in labels; names of the user are plain text.
function plain(text, longest = 40) {
  const short = text.length > longest ? text.slice(0, longest - 1) + '…' : text;
  return short.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function class_name(data, index, longest) {
  return plain(index < data.classes.length ? data.classes[index] : String(index), longest);
}

const axis_style = {
  gridcolor: '#edf0f3', linecolor: line, zerolinecolor: line, tickcolor: line, ticks: 'outside', ticklen: 4,
  tickfont: { size: 11.5, color: soft }, automargin: true,
};

function axis(title, more = {}) {
  return { ...axis_style, title: { text: title, font: { size: 12.5, color: soft }, standoff: 8 }, ...more };
}

function layout(title, more = {}) {
  return {
    title: { text: title, x: 0, xref: 'container', xanchor: 'left', y: 1, yref: 'container', yanchor: 'top',
             pad: { t: 12, l: 12 }, font: { size: 14.5, color: ink } },
    font: { family: getComputedStyle(document.body).fontFamily, color: ink, size: 12 },
    margin: { l: 52, r: 16, t: 42, b: 40 }, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
    modebar: { bgcolor: 'rgba(255,255,255,0.9)', color: '#9aa4af', activecolor: blue },
    hoverlabel: { font: { size: 12.5 } }, ...more,
  };
}

// Between the title, or the buttons that appear when the mouse is over a chart, and the plot.
const legend_row = {
  margin: { l: 52, r: 16, t: 64, b: 40 }, showlegend: true,
  legend: { orientation: 'h', x: 1, xanchor: 'right', y: 1, yanchor: 'bottom', font: { size: 12 } },
};

function draw(target, traces, chart_layout) {
  const config = {
    responsive: true, displaylogo: false, displayModeBar: matchMedia('(hover: hover)').matches ? 'hover' : false,
    modeBarButtonsToRemove: ['select2d', 'lasso2d', 'zoomIn2d', 'zoomOut2d', 'autoScale2d'],
  };
  return Plotly.newPlot(target, traces, chart_layout, config);
}

function has_values(list) {
  return list.some((value) => value !== null);
}

// All places before the first chart is drawn: their number decides how wide each is.
function chart_places(parent, id, label, count) {
  const places = Array.from({ length: count }, (_, i) => {
    const element = document.createElement('div');
    element.className = 'chart medium';
    element.id = `${id}-${i}`;
    element.setAttribute('aria-label', label);
    return element;
  });
  document.getElementById(parent).append(...places);
  return places;
}

function layer_colour(index) {
  return layer_colours[(index + 1) % layer_colours.length];
}

// Curves of several layers or parameters over epochs, under one title.
function draw_lines(id, title, traces, x_axis, y_axis, more = {}) {
  const styled = traces.map((trace) => ({
    mode: trace.x.length > 60 ? 'lines' : 'lines+markers', marker: { size: 5 }, ...trace,
    hovertemplate: `${trace.name} %{y:.3~g}<extra></extra>`,
  }));
  // Rows of the legend, which grows upwards and must not reach the title; none of it where `more` switches it off.
  const letters = traces.reduce((sum, trace) => sum + trace.name.length + 6, 0);
  const rows = more.showlegend === false ? 0 : Math.ceil(letters / 55);
  return draw(id, styled, layout(title, {
    xaxis: x_axis, yaxis: y_axis, hovermode: 'x unified', ...legend_row,
    margin: { ...legend_row.margin, t: legend_row.margin.t + 20 * (rows - 1) }, ...more,
  }));
}
