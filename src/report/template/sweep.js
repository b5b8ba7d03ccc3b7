// Draws a sweep. The data is JSON in #data: points of a grid with mean and deviation of every quantity.

const titles = {
  accuracy: 'Accuracy', loss: 'Loss', spikes_per_sample: 'Spikes per sample',
  synaptic_operations: 'Synaptic operations per sample',
};

function finished_points(data) {
  return data.points.filter((point) => point.finished > 0);
}

// A regression has no accuracy: its loss then stands for quality.
function quality_of(data) {
  return finished_points(data).some((point) => point.figures.accuracy.mean !== null) ? 'accuracy' : 'loss';
}

function means(points, key) {
  return points.map((point) => point.figures[key].mean);
}

function error_bars(points, key, color) {
  const array = points.map((point) => point.figures[key].deviation ?? 0);
  return { type: 'data', array, color, thickness: 1.2, width: 3 };
}

// Logarithmic where values spread over more than a decade and are all above 0.
function spread_axis(values) {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known), high = Math.max(...known);
  return low > 0 && high > 10 * low ? { type: 'log', exponentformat: 'power' } : {};
}

function quality_axis(quality) {
  return axis(quality === 'accuracy' ? '' : titles.loss, quality === 'accuracy' ? { tickformat: '.1%' } : {});
}

// Lines of the grid: all axes but `free` are fixed along each.
function lines_of(data, free) {
  const groups = new Map();
  finished_points(data).forEach((point) => {
    const name = data.axes.map(({ key }, a) => (a === free ? null : `${key.split('.').pop()} ${point.values[a]}`))
      .filter((text) => text !== null).join(', ');
    groups.set(name, [...(groups.get(name) ?? []), point]);
  });
  return [...groups].map(([name, points], i) => ({ name, points, color: layer_colour(i) }));
}

// From the cheapest point on, those that no cheaper one equals.
function front_of(points, cost, quality) {
  const sign = quality === 'accuracy' ? 1 : -1;
  const value = (point) => sign * point.figures[quality].mean, price = (point) => point.figures[cost].mean;
  const known = points.filter((point) => point.figures[cost].mean !== null && point.figures[quality].mean !== null)
    .sort((a, b) => price(a) - price(b) || value(b) - value(a));
  let best = -Infinity;
  return known.filter((point) => {
    const better = value(point) > best;
    best = better ? value(point) : best;
    return better;
  });
}

// Two digits say which point it is; the whole value shows when the mouse is over it.
function short_value(text) {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || text.length <= 5) {
    return plain(text, 14);
  }
  return Math.abs(value) < 0.01 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
}

function labels_of(data, points) {
  return points.map((point) => (data.axes.length > 0 ? short_value(point.values[0]) : ''));
}

function point_hover(data, point) {
  return data.axes.map(({ key }, a) => `${plain(key)} = ${plain(point.values[a])}`).join('<br>') || 'as it is';
}

function draw_pareto(data, id, cost) {
  const quality = quality_of(data), all = finished_points(data), front = front_of(all, cost, quality);
  const lines = lines_of(data, 0);
  const traces = lines.map(({ name, points, color }) => ({
    x: means(points, cost), y: means(points, quality), name: plain(name || 'points'), mode: 'markers+text',
    text: labels_of(data, points), textfont: { size: 10.5, color: soft }, cliponaxis: false,
    textposition: points.map((_, i) => (i % 2 === 0 ? 'bottom right' : 'top right')),  // neighbours are often close
    marker: { size: 8, color }, error_x: error_bars(points, cost, color), error_y: error_bars(points, quality, color),
    customdata: points.map((point) => point_hover(data, point)),
    hovertemplate: '%{customdata}<br>%{x:.4~g}, %{y:.4~g}<extra></extra>',
  }));
  const edge = {
    x: means(front, cost), y: means(front, quality), name: 'Pareto front', mode: 'lines', hoverinfo: 'skip',
    line: { color: grey, width: 1.5, dash: 'dash' },
  };
  return draw(id, [edge, ...traces], layout(`${titles[quality]} on the test set`, {
    xaxis: axis(titles[cost], spread_axis(means(all, cost))), yaxis: quality_axis(quality), ...legend_row,
    showlegend: true, margin: { ...legend_row.margin, b: 56 },
  }));
}

// Values keep the order in which they were given; they may be names, and 0 has no place on a logarithmic axis.
function draw_over_axis(data, place, a, key) {
  const traces = lines_of(data, a).map(({ name, points, color }) => ({
    x: points.map((point) => plain(point.values[a], 24)), y: means(points, key), name: plain(name || titles[key]),
    mode: 'lines+markers', marker: { size: 6 }, line: { color, width: 2 }, error_y: error_bars(points, key, color),
    hovertemplate: `%{x}: %{y:.4~g}<extra>${plain(name).replace(/[%{}]/g, ' ')}</extra>`,
  }));
  const y_axis = key === 'accuracy' || key === 'loss' ? quality_axis(key)
    : axis('', spread_axis(means(finished_points(data), key)));
  return draw(place, traces, layout(titles[key], {
    xaxis: axis(plain(data.axes[a].key), { type: 'category', categoryorder: 'array',
                                           categoryarray: data.axes[a].values.map((value) => plain(value, 24)) }),
    yaxis: y_axis, ...legend_row, showlegend: traces.length > 1, margin: { ...legend_row.margin, b: 60 },
  }));
}

function draw_axes(data) {
  const keys = [quality_of(data), 'spikes_per_sample'];
  const places = chart_places('charts-axes', 'chart-axis', 'A quantity by a setting', data.axes.length * keys.length);
  return data.axes.flatMap((_, a) => keys.map((key, k) => draw_over_axis(data, places[a * keys.length + k], a, key)));
}

// ---- agents: every seed counts ----

function is_of_agents(data) {
  return data.points.some((point) => 'greedy_100' in point.figures);
}

function point_name(data, values) {
  return data.axes.map(({ key }, a) => `${key.split('.').pop()} ${values[a]}`).join(', ') || 'as it is';
}

// Finished members of each point, in the order of the grid.
function members_of(data) {
  return finished_points(data).map((point, k) => ({
    name: point_name(data, point.values), color: layer_colour(k),
    members: data.members.filter((member) => member.state === 'finished' && String(member.values) === String(point.values)),
  }));
}

// A thin curve for each seed, a thick one for their mean.
function draw_learning(data, id) {
  const traces = members_of(data).flatMap(({ name, color, members }) => {
    const curves = members.map((member) => member.curve ?? []);
    const shortest = Math.min(...curves.map((curve) => curve.length));
    const seeds = curves.map((curve) => ({
      x: curve.map(([x]) => x), y: curve.map(([, y]) => y), mode: 'lines', hoverinfo: 'skip', showlegend: false,
      line: { color, width: 0.8 }, opacity: 0.45,
    }));
    const mean = Array.from({ length: shortest }, (_, i) =>
      curves.reduce((sum, curve) => sum + curve[i][1], 0) / curves.length);
    return [...seeds, { x: curves[0].slice(0, shortest).map(([x]) => x), y: mean, name: plain(name), mode: 'lines',
                        line: { color, width: 2.5 }, hovertemplate: `%{y:.1f}<extra></extra>` }];
  });
  return draw(id, traces, layout('Mean return of 100 episodes, each seed and their mean', {
    xaxis: axis('decisions', { tickformat: '~s' }), yaxis: axis(''), ...legend_row,
  }));
}

function draw_seeds(data, id, key, title) {
  const traces = members_of(data).map(({ name, color, members }) => ({
    x: members.map(({ seed }) => seed), y: members.map((member) => member[key]), name: plain(name), mode: 'markers',
    marker: { size: 9, color }, hovertemplate: 'seed %{x}: %{y:.1f}<extra></extra>',
  }));
  return draw(id, traces, layout(title, { xaxis: axis('seed', { dtick: 1 }), yaxis: axis('', { rangemode: 'tozero' }),
                                          ...legend_row }));
}

function draw_agents(data) {
  document.getElementById('axes').hidden = true;
  document.querySelector('#pareto h2').textContent = 'Every seed';
  document.querySelector('#pareto .lead').append(' Thin lines are seeds, thick ones their mean; the right chart has the ' +
    'test of each seed, by its best actions.');
  document.querySelector('#table .lead').textContent = 'Mean ± standard deviation over the seeds.';
  return Promise.all([draw_learning(data, 'chart-pareto-spikes'),
                      draw_seeds(data, 'chart-pareto-operations', 'greedy_100', 'Mean greedy return of each seed')]);
}

async function main() {
  show_trouble();
  const data = JSON.parse(document.getElementById('data').textContent);
  const any = finished_points(data).length > 0;
  document.getElementById('axes').hidden = !any || data.axes.length === 0;
  document.querySelector('#pareto .grid').hidden = !any;
  try {
    await load_library();
    if (any && is_of_agents(data)) {
      await draw_agents(data);
    } else if (any) {
      await Promise.all([draw_pareto(data, 'chart-pareto-spikes', 'spikes_per_sample'),
                         draw_pareto(data, 'chart-pareto-operations', 'synaptic_operations'), ...draw_axes(data)]);
    }
  } catch (error) {
    report_trouble(error.message);
  }
  document.documentElement.dataset.state = 'ready';
}

watch_errors();
document.addEventListener('DOMContentLoaded', main);
