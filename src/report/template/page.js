// Draws the charts of a run's report. The data is JSON in #data.

// ---- training curves ----

function curve(epochs, key, name, colour, symbol, dash) {
  return {
    x: epochs.epoch, y: epochs[key], name, mode: epochs.epoch.length > 60 ? 'lines' : 'lines+markers',
    line: { color: colour, width: 2, dash }, marker: { symbol, size: 6 },
    hovertemplate: `${name} %{y:.4~g}<extra></extra>`,
  };
}

function epoch_axis(epochs) {
  return axis('epoch', { tickformat: 'd', ...(epochs.epoch.length < 12 ? { dtick: 1 } : {}) });
}

function draw_pair(epochs, id, title, suffix, y_axis) {
  const traces = [curve(epochs, 'train_' + suffix, 'training', blue, 'circle', 'solid')];
  if (has_values(epochs['validation_' + suffix])) {
    traces.push(curve(epochs, 'validation_' + suffix, 'validation', vermilion, 'diamond', 'dash'));
  }
  return draw(id, traces, layout(title, {
    xaxis: epoch_axis(epochs), yaxis: y_axis, hovermode: 'x unified', ...legend_row,
  }));
}

function draw_single(epochs, id, title, key, y_axis) {
  const note = { text: 'no finite values', showarrow: false, xref: 'paper', yref: 'paper', x: 0.5, y: 0.5 };
  return draw(id, [curve(epochs, key, title.toLowerCase(), blue, 'circle', 'solid')], layout(title, {
    xaxis: epoch_axis(epochs), yaxis: y_axis, showlegend: false, annotations: has_values(epochs[key]) ? [] : [note],
  }));
}

// A regression has none, and the loss then gets the whole width.
function draw_accuracy(epochs) {
  if (!has_values(epochs.train_accuracy)) {
    document.getElementById('chart-accuracy').remove();
    document.getElementById('chart-loss').parentElement.classList.remove('two');
    return [];
  }
  return [draw_pair(epochs, 'chart-accuracy', 'Accuracy', 'accuracy',
                    axis('', { tickformat: '.0%', ...(epochs.epoch.length === 1 ? { range: [0, 1] } : {}) }))];
}

// Several outputs: training drawn through, validation dashed.
function output_lines(data, suffix) {
  return data.outputs.flatMap((output, i) => ['train', 'validation'].flatMap((part) => {
    const y = output[`${part}_${suffix}`];
    return has_values(y) ? [{
      x: data.epochs.epoch, y, name: `${plain(output.name, 18)} ${part === 'train' ? 'training' : part}`,
      line: { color: layer_colour(i), width: 2, dash: part === 'train' ? 'solid' : 'dash' },
    }] : [];
  }));
}

function draw_outputs(data) {
  const wanted = [['Loss of each output', 'loss', { rangemode: 'tozero' }],
                  ['Accuracy of each output', 'accuracy', { tickformat: '.0%' }]]
    .map(([title, suffix, style]) => [title, output_lines(data, suffix), style]).filter(([, lines]) => lines.length > 0);
  const places = chart_places('charts-outputs', 'chart-outputs', 'By output and epoch', wanted.length);
  return wanted.map(([title, lines, style], i) =>
    draw_lines(places[i].id, title, lines, epoch_axis(data.epochs), axis('', style)));
}

function draw_training(data) {
  const epochs = data.epochs;
  const accuracy = draw_accuracy(epochs);  // first: it decides how wide the loss is
  return [
    ...accuracy,
    draw_pair(epochs, 'chart-loss', 'Loss', 'loss', axis('', { rangemode: 'tozero' })),
    draw_single(epochs, 'chart-learning-rate', 'Learning rate', 'learning_rate',
                axis('', { rangemode: 'tozero', exponentformat: 'power' })),
    ...draw_outputs(data),
    draw_single(epochs, 'chart-gradient-norm', 'Gradient norm', 'gradient_norm', axis('', { rangemode: 'tozero' })),
    draw_single(epochs, 'chart-spikes', 'Spikes per sample', 'spikes_per_sample', axis('', { rangemode: 'tozero' })),
  ];
}

// ---- health ----

function layer_lines(data, key, suffix, dash) {
  return data.layers.flatMap((layer, i) => (layer.spiking ? [{
    x: data.epochs.epoch, y: layer[key], name: plain(layer.name, 18) + suffix,
    line: { color: layer_colour(i), width: 2, dash },
  }] : []));
}

// The first epoch dotted, the last one drawn through.
function error_lines(data) {
  return data.layers.flatMap((layer, i) => ['error_first', 'error_last'].map((key) => ({
    x: layer[key].map((_, bin) => Number(((bin + 0.5) * layer.steps_per_bin - 0.5).toPrecision(4))), y: layer[key],
    name: `${plain(layer.name, 18)} ${key === 'error_first' ? 'first' : 'last'}`, mode: 'lines',
    line: { color: layer_colour(i), width: 2, dash: key === 'error_first' ? 'dot' : 'solid' },
  })));
}

function draw_health(data) {
  const epochs = () => epoch_axis(data.epochs);
  const share = { tickformat: '.0%', rangemode: 'tozero' };
  const log = { type: 'log', exponentformat: 'power' };
  const updates = data.updates.map(({ name, ratio }) => ({ x: data.epochs.epoch, y: ratio, name: plain(name, 28) }));
  return [
    draw_lines('chart-firing', 'Dead and saturated neurons',
               [...layer_lines(data, 'dead', ' dead', 'solid'), ...layer_lines(data, 'saturated', ' saturated', 'dash')],
               epochs(), axis('', share)),
    draw_lines('chart-support', 'Membranes within the surrogate’s width',
               layer_lines(data, 'in_support', '', 'solid'), epochs(), axis('', share)),
    draw_lines('chart-error', 'Error on input currents, first and last epoch', error_lines(data), axis('steps before the end'),
               axis('', log)),
    draw_lines('chart-updates', 'A step’s change over the parameter’s size', updates, epochs(), axis('', log)),
  ];
}

// ---- confusion matrix ----

// The largest number must fit into a cell, which is narrow on a telephone.
function confusion_font(counts, width) {
  const digits = String(Math.max(...counts.flat())).length;
  return Math.min(12, width / counts.length / (0.65 * digits));
}

function confusion_notes(counts, shares, size) {
  const notes = [];
  counts.forEach((row, truth) => row.forEach((count, predicted) => {
    if (count > 0) {
      const font = { size, color: shares[truth][predicted] > 0.5 ? '#fff' : ink };
      notes.push({ x: predicted, y: truth, text: String(count), showarrow: false, font });
    }
  }));
  return notes;
}

function draw_confusion(data) {
  const places = chart_places('charts-confusion', 'chart-confusion', 'Confusion matrix', data.further.length);
  return [draw_matrix('chart-confusion', 'Share of each class', data),
          ...data.further.map((output, i) => draw_matrix(places[i].id, plain(output.name, 40), output))];
}

// `data` has the counts and the names of their classes.
function draw_matrix(id, title, data) {
  const counts = data.confusion, n = counts.length;
  const shares = counts.map((row) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => (all > 0 ? count / all : 0));
  });
  const names = counts.map((_, i) => class_name(data, i, 16));
  const width = document.getElementById(id).clientWidth, narrow = width < 480;
  const font = confusion_font(counts, width - (narrow ? 130 : 200));  // less the names and the scale
  const ticks = { tickvals: counts.map((_, i) => i), ticktext: names, showgrid: false, zeroline: false, ticks: '' };
  const trace = {
    type: 'heatmap', z: shares, text: counts.map((row, t) => row.map((count, p) =>
      `${count} of class ${names[t]}<br>taken for ${names[p]} (${(100 * shares[t][p]).toFixed(1)} %)`)),
    hovertemplate: '%{text}<extra></extra>', zmin: 0, zmax: 1, xgap: 1, ygap: 1, showscale: !narrow,
    colorscale: [[0, '#f4f7fa'], [0.05, '#d6e6f2'], [0.5, '#5ba3cf'], [1, '#08457e']],
    colorbar: { thickness: 10, outlinewidth: 0, tickformat: '.0%', tickfont: { size: 11.5, color: soft }, len: 0.9 },
  };
  return draw(id, [trace], layout(title, {
    xaxis: axis('predicted', { ...ticks, tickangle: n > 6 ? -45 : 0 }),
    yaxis: axis('true', { ...ticks, autorange: 'reversed' }),
    annotations: n <= 20 && font >= 7 ? confusion_notes(counts, shares, font) : [],
  }));
}

// ---- the raster in the course of training ----

function spike_points(spikes, dt) {
  const x = [], y = [];
  spikes.forEach((channels, step) => channels.forEach((channel) => {
    x.push(Number((step * dt).toPrecision(6)));
    y.push(channel);
  }));
  return { x, y };
}

function target_trace(spikes, dt, size, more = {}) {
  return {
    type: 'scatter', mode: 'markers', name: 'target', ...spike_points(spikes, dt),
    marker: { symbol: 'circle-open', size, color: vermilion, line: { width: 1.2 } },
    hovertemplate: 'target: neuron %{y}, %{x} ms<extra></extra>', ...more,
  };
}

function history_traces(history, frame, size) {
  const output = {
    type: 'scatter', mode: 'markers', name: 'output', ...spike_points(frame.spikes, history.dt),
    marker: { size: size - 3, color: blue }, hovertemplate: 'neuron %{y}, %{x} ms<extra></extra>',
  };
  return [target_trace(history.target, history.dt, size), output];
}

function history_title(frame) {
  const percent = (share) => (share === null ? 'none' : `${(100 * share).toFixed(1)} %`);
  return `${plain(frame.when)}: ${percent(frame.matched)} matched, ${percent(frame.extra)} extra`;
}

function history_axes(history) {
  return {
    xaxis: axis('time [ms]', { range: [-history.dt, history.target.length * history.dt], zeroline: false }),
    yaxis: axis('neuron', { range: [-1, history.neurons], zeroline: false }),
  };
}

// Before, during and after: the second is the one that is half-way there.
function draw_moments(history) {
  const { frames } = history, first = frames[0], last = frames.at(-1);
  const half = (first.matched + last.matched) / 2;
  const middle = frames.slice(1, -1).reduce((best, frame) =>
    (best === null || Math.abs(frame.matched - half) < Math.abs(best.matched - half) ? frame : best), null);
  const moments = [...new Set([first, middle, last])].filter((frame) => frame !== null);
  const places = chart_places('charts-history', 'chart-history', 'Output raster', moments.length);
  return moments.map((frame, i) => draw(places[i], history_traces(history, frame, 5), layout(history_title(frame), {
    ...history_axes(history), showlegend: false,
  })));
}

function play_buttons(frames) {
  const button = (label, names, duration) => ({
    label, method: 'animate',
    args: [names, { mode: 'immediate', fromcurrent: true, frame: { duration, redraw: true }, transition: { duration: 0 } }],
  });
  return [{
    type: 'buttons', direction: 'left', x: 0, xanchor: 'left', y: -0.16, yanchor: 'top', showactive: false, pad: { t: 8 },
    buttons: [button('play', frames.map((_, i) => String(i)), 700), button('pause', [null], 0)],
  }];
}

function history_slider(frames) {
  return [{
    active: frames.length - 1, x: 0.16, len: 0.84, y: -0.16, yanchor: 'top', pad: { t: 8 }, currentvalue: { visible: false },
    steps: frames.map((frame, i) => ({
      label: plain(frame.when.split(',')[0], 18), method: 'animate',  // the title says it in full
      args: [[String(i)], { mode: 'immediate', frame: { duration: 0, redraw: true }, transition: { duration: 0 } }],
    })),
  }];
}

function draw_history(data) {
  const { history } = data, { frames } = history;
  const chart = layout(history_title(frames.at(-1)), {
    ...history_axes(history), ...legend_row, hovermode: 'closest', updatemenus: play_buttons(frames),
    sliders: history_slider(frames), margin: { ...legend_row.margin, b: 120 },
  });
  const film = frames.map((frame, i) => ({
    name: String(i), traces: [1], data: [spike_points(frame.spikes, history.dt)],
    layout: { title: { ...chart.title, text: history_title(frame) } },
  }));
  const drawn = draw('chart-history', history_traces(history, frames.at(-1), 8), chart)
    .then(() => Plotly.addFrames('chart-history', film));
  return [...draw_moments(history), drawn];
}

// ---- single samples ----

function has_webgl() {
  return Boolean(document.createElement('canvas').getContext('webgl'));
}

// Where spikes are wanted of the last layer, its raster says it all, and traces of 0 and 1 would add nothing.
function wants_spikes(sample) {
  const are_spikes = (trace) => trace.every((value) => value === 0 || value === 1);
  return sample.target.length > 0 && sample.target.every(are_spikes) && sample.readout.every(are_spikes);
}

function wanted_spikes(sample) {
  return sample.target[0].map((_, step) => sample.target.flatMap((trace, k) => (trace[step] === 1 ? [k] : [])));
}

function raster_trace(raster, index, dt, type) {
  const least = raster.spikes.length > 100 ? 2 : 4;  // few steps leave room for spikes that the eye finds
  const size = Math.max(least, Math.min(6, 400 / raster.neurons));
  return {
    type, mode: 'markers', ...spike_points(raster.spikes, dt), yaxis: index === 0 ? 'y' : `y${index + 1}`, showlegend: false,
    marker: { size, color: layer_colours[index % layer_colours.length], opacity: raster.neurons > 200 ? 0.7 : 1 },
    hovertemplate: 'neuron %{y}, %{x} ms<extra></extra>',
  };
}

// The true class and a wrong prediction stand out of the other classes.
function readout_style(sample, k) {
  if (k === sample.label) {
    return { color: blue, width: 2.5, dash: 'solid' };
  }
  return k === sample.predicted ? { color: vermilion, width: 2.5, dash: 'dash' } : { color: grey, width: 1 };
}

function readout_line(sample, axis_name, values, name, line, showlegend) {
  return {
    type: 'scatter', mode: 'lines', x: values.map((_, step) => Number((step * sample.dt).toPrecision(6))), y: values,
    yaxis: axis_name, name, showlegend, line, hovertemplate: `${name.replace(/[%{}]/g, ' ')} %{y:.3~g}<extra></extra>`,
  };
}

function class_traces(data, sample, axis_name) {
  const marked = (k) => k === sample.label || k === sample.predicted;
  const traces = sample.readout.map((values, k) => {
    const role = marked(k) ? ` (${k === sample.label ? 'true class' : 'predicted'})` : '';
    const name = class_name(data, k, 24) + role;
    return { k, trace: readout_line(sample, axis_name, values, name, readout_style(sample, k), marked(k)) };
  });
  return traces.sort((a, b) => marked(a.k) - marked(b.k)).map(({ trace }) => trace);  // marked ones on top
}

// Labels or values for every step: each output has a colour of its own, its target is dotted.
function step_traces(data, sample, axis_name) {
  return sample.readout.flatMap((values, k) => {
    const color = layer_colours[(k + 1) % layer_colours.length];
    const name = sample.target.length > 0 ? `output ${k}` : class_name(data, k, 24);
    const own = readout_line(sample, axis_name, values, name, { color, width: 2 }, true);
    const target = sample.target.slice(k, k + 1).map((wanted) =>
      readout_line(sample, axis_name, wanted, `target ${k}`, { color: ink, width: 1.5, dash: 'dot' }, k === 0));
    return [own, ...target];
  });
}

function readout_traces(data, sample, axis_name) {
  return sample.label < 0 ? step_traces(data, sample, axis_name) : class_traces(data, sample, axis_name);
}

// Rows from the top: a share of the height that grows slowly with the neurons, so that small layers stay readable.
function row_domains(sample) {
  const shares = sample.rasters.map((raster) => 1 + Math.log2(1 + raster.neurons / 32));
  if (sample.readout.length > 0 && !wants_spikes(sample)) {
    shares.push(2.2);
  }
  const all = shares.reduce((sum, share) => sum + share, 0);
  const gap = 0.03;
  let top = 1;
  return shares.map((share) => {
    const bottom = top - share / all;
    const domain = [Math.max(0, bottom + gap), top];
    top = bottom;
    return domain;
  });
}

function sample_layout(sample, domains) {
  const steps = sample.rasters.length > 0 ? sample.rasters[0].spikes.length
                                           : Math.max(0, ...sample.readout.map((values) => values.length));
  const last = domains.length;
  const axes = { xaxis: axis('time [ms]', { range: [-sample.dt, steps * sample.dt], zeroline: false,
                                            anchor: last > 1 ? `y${last}` : 'y' }) };
  domains.forEach((domain, i) => {
    const raster = sample.rasters[i];
    axes[i === 0 ? 'yaxis' : `yaxis${i + 1}`] = axis(raster ? plain(raster.name, 18) : 'readout', {
      domain, zeroline: !raster, nticks: 5, fixedrange: true,
      ...(raster ? { range: [-0.5 - raster.neurons * 0.02, raster.neurons * 1.02 - 0.5] } : {}),
    });
  });
  return layout('', { ...axes, hovermode: 'closest', height: 100 + 130 * last, ...legend_row,
                      margin: { l: 64, r: 16, t: 50, b: 44 } });
}

function draw_sample(data, sample) {
  const spikes = sample.rasters.reduce((sum, r) => sum + r.spikes.reduce((n, list) => n + list.length, 0), 0);
  const type = spikes > many_spikes && has_webgl() ? 'scattergl' : 'scatter';
  const domains = row_domains(sample);
  const traces = sample.rasters.map((raster, i) => raster_trace(raster, i, sample.dt, type));
  const readout_axis = domains.length > 1 ? `y${domains.length}` : 'y';
  const chart_layout = sample_layout(sample, domains);
  const below = wants_spikes(sample)
    ? [target_trace(wanted_spikes(sample), sample.dt, 7, { yaxis: readout_axis, type, showlegend: true })]
    : readout_traces(data, sample, readout_axis);
  document.getElementById('chart-sample').style.height = `${chart_layout.height}px`;
  return draw('chart-sample', [...traces, ...below], chart_layout);
}

function sample_button(data, sample) {
  const button = document.createElement('button');
  const right = sample.label === sample.predicted;
  const name = (index) => (index < data.classes.length ? data.classes[index] : String(index));
  button.type = 'button';
  button.setAttribute('role', 'tab');
  button.className = right ? 'right' : 'wrong';
  button.textContent = sample.label < 0 ? `Sample ${sample.sample}` : `Sample ${sample.sample}: ${name(sample.label)} ` +
    (right ? '✓' : `✗ predicted ${name(sample.predicted)}`);
  return button;
}

function draw_samples(data) {
  const buttons = data.samples.map((sample) => sample_button(data, sample));
  const show_maps = start_maps(data);
  const choose = (chosen) => {
    show_maps(data.samples[chosen]);
    buttons.forEach((button, i) => button.setAttribute('aria-selected', String(i === chosen)));
    return draw_sample(data, data.samples[chosen]);
  };
  buttons.forEach((button, i) => button.addEventListener('click', () => choose(i)));
  document.getElementById('sample-choice').append(...buttons);
  return [choose(0)];
}

// ---- activity and weights ----

function draw_activity(data) {
  const places = chart_places('charts-activity', 'chart-activity', 'Firing rates of a layer', data.activity.length);
  return data.activity.map((layer, i) => {
    const trace = {
      type: 'histogram', x: layer.rates, nbinsx: 50, marker: { color: layer_colours[(i + 1) % layer_colours.length] },
      hovertemplate: '%{y} neurons at %{x}<extra></extra>',
    };
    return draw(places[i], [trace], layout(plain(layer.name), {
      xaxis: axis('rate', { rangemode: 'tozero' }), yaxis: axis('neurons'), bargap: 0.05,
    }));
  });
}

function count_trace(edges, counts, name, what, colour, opacity) {
  return {
    type: 'bar', name, y: counts, x: counts.map((_, i) => (edges[i] + edges[i + 1]) / 2),
    width: counts.map((_, i) => edges[i + 1] - edges[i]), opacity, marker: { color: colour, line: { width: 0 } },
    hovertemplate: `${name}: %{y} ${what} %{x:.3~g}<extra></extra>`,
  };
}

function draw_before_and_after(place, histogram, what, x_title) {
  const traces = [count_trace(histogram.edges, histogram.before, 'before', what, grey, 1),
                  count_trace(histogram.edges, histogram.after, 'after', what, blue, 0.6)];
  return draw(place, traces, layout(plain(histogram.name), {
    barmode: 'overlay', bargap: 0, xaxis: axis(x_title), yaxis: axis('count'), ...legend_row,
  }));
}

function draw_weights(data) {
  draw_kernels(data);
  const places = chart_places('charts-weights', 'chart-weights', 'Weights of a parameter', data.weights.length);
  return data.weights.map((histogram, i) => draw_before_and_after(places[i], histogram, 'weights at', 'weight'));
}

// ---- delays ----

function draw_moved(place, delays) {
  const trace = count_trace(delays.moved_edges, delays.moved, 'moved', 'delays by', vermilion, 1);
  return draw(place, [trace], layout(`How far ${plain(delays.name)} moved`, {
    bargap: 0, xaxis: axis('after − before [steps]'), yaxis: axis('count'), showlegend: false,
  }));
}

function draw_widths(place, data) {
  const traces = data.delay_widths.map(({ name, width }, i) => ({
    x: data.epochs.epoch, y: width, name: plain(name, 28), line: { color: layer_colour(i), width: 2 },
  }));
  return draw_lines(place, 'Width of the kernels', traces, epoch_axis(data.epochs),
                    axis('[steps]', { rangemode: 'tozero' }));
}

function draw_delays(data) {
  const { delays, delay_widths: widths } = data;
  const places = chart_places('charts-delays', 'chart-delays', 'Delays', 2 * delays.length + (widths.length > 0 ? 1 : 0));
  const charts = delays.flatMap((d, i) => [
    draw_before_and_after(places[2 * i], d, 'delays of', 'delay [steps]'), draw_moved(places[2 * i + 1], d)]);
  return widths.length > 0 ? [...charts, draw_widths(places.at(-1), data)] : charts;
}

// ---- the page ----

const sections = [
  { id: 'network', wanted: () => document.querySelector('#network svg, #network p') !== null, fill: () => [] },
  { id: 'training', wanted: (data) => data.epochs.epoch.length > 0, fill: draw_training },
  { id: 'health', wanted: (data) => data.layers.length > 0, fill: draw_health },
  { id: 'confusion', wanted: (data) => data.confusion.length > 0, fill: draw_confusion },
  { id: 'history', wanted: (data) => data.history.frames.length > 0, fill: draw_history },
  { id: 'samples', wanted: (data) => data.samples.length > 0, fill: draw_samples },
  { id: 'activity', wanted: (data) => data.activity.length > 0, fill: draw_activity },
  { id: 'energy', wanted: () => document.querySelector('#energy tbody tr') !== null, fill: () => [] },
  { id: 'weights', wanted: (data) => data.weights.length > 0, fill: draw_weights },
  { id: 'delays', wanted: (data) => data.delays.length > 0, fill: draw_delays },
  { id: 'run', wanted: () => true, fill: () => [] },
];

function show_sections(data) {
  for (const section of sections) {
    const element = document.getElementById(section.id);
    element.hidden = !section.wanted(data);
    if (!element.hidden) {
      const link = document.createElement('a');
      link.href = '#' + section.id;
      link.textContent = element.dataset.title;
      document.getElementById('contents').append(link);
    }
  }
}

async function main() {
  show_trouble();
  const data = JSON.parse(document.getElementById('data').textContent);
  show_sections(data);
  try {
    await load_library();
    await Promise.all(sections.filter((section) => section.wanted(data)).flatMap((section) => section.fill(data)));
  } catch (error) {
    report_trouble(error.message);
  }
  document.documentElement.dataset.state = 'ready';
}

watch_errors();  // before the body is read, so that nothing is missed
document.addEventListener('DOMContentLoaded', main);
