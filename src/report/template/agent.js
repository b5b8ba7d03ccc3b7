// Draws the report of an agent: its learning curves, and the film of an episode. The data is JSON in #data.

function decisions_axis() {
  return axis('decisions', { tickformat: '~s' });
}

function draw_return(data) {
  const { decisions } = data.records;
  const traces = [{ x: decisions, y: data.records.return, name: 'mean of 100 episodes', line: { color: blue, width: 2 } }];
  if (data.goal !== null) {
    traces.push({ x: [0, decisions[decisions.length - 1]], y: [data.goal, data.goal], name: 'goal', mode: 'lines',
                  line: { color: grey, width: 1.5, dash: 'dash' } });
  }
  const solved = data.solved_at === null ? [] : [{ type: 'line', x0: data.solved_at, x1: data.solved_at, yref: 'paper',
                                                   y0: 0, y1: 1, line: { color: vermilion, width: 1.5, dash: 'dot' } }];
  return draw_lines('chart-return', 'Return in training', traces, decisions_axis(), axis(''), { shapes: solved });
}

function draw_test(data) {
  const trace = { x: data.test, type: 'histogram', marker: { color: blue }, nbinsx: 30,
                  hovertemplate: '%{x}: %{y} episodes<extra></extra>' };
  return draw('chart-test', [trace], layout('Returns of the test, by the best actions', {
    xaxis: axis('return', { rangemode: 'tozero' }), yaxis: axis('episodes'), bargap: 0.05,
  }));
}

function draw_curve(data, id, title, key, more = {}) {
  const trace = { x: data.records.decisions, y: data.records[key], name: title, line: { color: blue, width: 2 } };
  return draw_lines(id, title, [trace], decisions_axis(), axis('', more), { showlegend: false });
}

function draw_rates(data) {
  const traces = Object.entries(data.records.rates).map(([name, y], k) => ({
    x: data.records.decisions, y, name: plain(name), line: { color: layer_colour(k), width: 2 },
  }));
  return draw_lines('chart-rates', 'Firing rates [Hz]', traces, decisions_axis(), axis('', { rangemode: 'tozero' }));
}

/** Only of a run that compared. */
function draw_cosine(data) {
  if (!data.records.gradient_cosine) {
    return null;
  }
  document.getElementById('chart-cosine').hidden = false;
  return draw_curve(data, 'chart-cosine', 'Cosine between what traces come to and backpropagation of the same errors',
                    'gradient_cosine', { range: [-0.1, 1.05] });
}

async function main() {
  show_trouble();
  const data = JSON.parse(document.getElementById('data').textContent);
  try {
    start_film(data.film);
    await load_library();
    await Promise.all([
      draw_return(data), draw_test(data), draw_rates(data),
      draw_curve(data, 'chart-td-error', 'Mean absolute error of TD', 'td_error',
                 { rangemode: 'tozero' }),
      draw_curve(data, 'chart-entropy', 'Entropy of the policy', 'entropy'),
      draw_curve(data, 'chart-value', 'Value, as it is learned', 'value'),
      draw_curve(data, 'chart-length', 'Length of 100 episodes [decisions]', 'length', { rangemode: 'tozero' }),
      draw_curve(data, 'chart-learning-rate', 'Learning rate', 'learning_rate', { rangemode: 'tozero' }),
      draw_cosine(data),
    ]);
  } catch (error) {
    report_trouble(error.message);
  }
  document.documentElement.dataset.state = 'ready';
}

watch_errors();
document.addEventListener('DOMContentLoaded', main);
