// How each environment looks: a function of its recorded state, the action that follows, and its settings, on a pen of
// 600 x 400 points. A new environment adds one here; one that has none is shown as its numbers.

function line_on(pen, points, color, width) {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  pen.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  pen.stroke();
}

function dot_on(pen, x, y, radius, color) {
  pen.fillStyle = color;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}

function text_on(pen, text, x, y, color = soft, size = 14) {
  pen.fillStyle = color;
  pen.font = `${size}px system-ui, "DejaVu Sans", sans-serif`;
  pen.fillText(text, x, y);
}

/** A push from (x, y), of that many points to the right. */
function arrow_on(pen, x, y, length, color) {
  if (length === 0) {
    return;
  }
  const tip = x + length, back = tip - Math.sign(length) * 10;
  line_on(pen, [[x, y], [tip, y]], color, 4);
  line_on(pen, [[back, y - 7], [tip, y], [back, y + 7]], color, 4);
}

function draw_cart_pole(pen, [x, , theta], action) {
  const across = (place) => 300 + 115 * place, ground = 300, length = 170;
  line_on(pen, [[across(-2.4), ground], [across(2.4), ground]], grey, 2);
  [-2.4, 2.4].forEach((end) => line_on(pen, [[across(end), ground - 12], [across(end), ground + 12]], grey, 2));
  pen.fillStyle = ink;
  pen.fillRect(across(x) - 36, ground - 22, 72, 36);
  line_on(pen, [[across(x), ground - 22], [across(x) + length * Math.sin(theta),
                                          ground - 22 - length * Math.cos(theta)]], vermilion, 10);
  dot_on(pen, across(x), ground - 22, 7, blue);
  if (action) {
    const push = action[0] === 1 ? 1 : -1;
    arrow_on(pen, across(x) + 44 * push, ground - 4, 34 * push, blue);
  }
}

function draw_acrobot(pen, [first, second], action) {
  const length = 95, pivot = [300, 200];
  const joint = [pivot[0] + length * Math.sin(first), pivot[1] + length * Math.cos(first)];
  const tip = [joint[0] + length * Math.sin(first + second), joint[1] + length * Math.cos(first + second)];
  pen.setLineDash([6, 6]);
  line_on(pen, [[60, pivot[1] - length], [540, pivot[1] - length]], grey, 2);
  pen.setLineDash([]);
  line_on(pen, [pivot, joint], ink, 14);
  line_on(pen, [joint, tip], vermilion, 14);
  dot_on(pen, ...pivot, 8, grey);
  dot_on(pen, ...joint, 8, blue);
  if (action && action[0] !== 1) {
    pen.strokeStyle = blue;
    pen.lineWidth = 3;
    pen.beginPath();
    pen.arc(...joint, 24, action[0] === 2 ? 0.2 : Math.PI + 0.2, action[0] === 2 ? 2.6 : 2 * Math.PI - 0.5);
    pen.stroke();
  }
  text_on(pen, action ? ['torque -1', 'torque 0', 'torque 1'][action[0]] : '', 20, 384);
}

function draw_mountain_car(pen, [x], action) {
  const across = (place) => 20 + 560 * (place + 1.2) / 1.8, height = (place) => 330 - 120 * (Math.sin(3 * place) + 1);
  const hill = Array.from({ length: 91 }, (_, i) => -1.2 + 0.02 * i).map((place) => [across(place), height(place)]);
  line_on(pen, hill, grey, 4);
  line_on(pen, [[across(0.5), height(0.5)], [across(0.5), height(0.5) - 56]], ink, 3);
  pen.fillStyle = vermilion;
  pen.fillRect(across(0.5), height(0.5) - 56, 26, 16);
  const slope = Math.atan2(height(x + 0.01) - height(x - 0.01), across(x + 0.01) - across(x - 0.01));
  pen.save();
  pen.translate(across(x), height(x));
  pen.rotate(slope);
  pen.fillStyle = ink;
  pen.fillRect(-20, -26, 40, 16);
  dot_on(pen, -12, -7, 7, blue);
  dot_on(pen, 12, -7, 7, blue);
  if (action) {
    arrow_on(pen, 26 * (action[0] - 1), -18, 30 * (action[0] - 1), blue);
  }
  pen.restore();
}

function draw_pendulum(pen, [theta], action) {
  const length = 140, pivot = [300, 200];
  pen.strokeStyle = line;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.arc(...pivot, length, 0, 2 * Math.PI);
  pen.stroke();
  line_on(pen, [pivot, [pivot[0] + length * Math.sin(theta), pivot[1] - length * Math.cos(theta)]], vermilion, 16);
  dot_on(pen, ...pivot, 9, ink);
  if (action) {
    const torque = Math.max(-2, Math.min(2, action[0]));
    text_on(pen, `torque ${torque.toFixed(2)}`, 20, 384);
    line_on(pen, [[300, 384], [300 + 100 * torque, 384]], blue, 8);
    dot_on(pen, 300, 384, 4, ink);
  }
}

function draw_t_maze(pen, [at, cue], action, { length }) {
  const left = 60, right = 480, y = 200, cell = (right - left) / length;
  line_on(pen, [[left - 30, y], [right, y]], line, 44);
  line_on(pen, [[right, y - 130], [right, y + 130]], line, 44);
  const up = cue === 1;
  text_on(pen, 'goal', right + 32, up ? y - 118 : y + 126, vermilion, 16);
  dot_on(pen, right, up ? y - 122 : y + 122, 9, vermilion);
  text_on(pen, at === 0 ? `cue: ${up ? 'left' : 'right'}` : 'the cue is gone', left - 40, y - 44, at === 0 ? ink : soft);
  dot_on(pen, left + cell * at, y, 15, blue);
  text_on(pen, action ? `action: ${['on', 'left', 'right'][action[0]]}` : '', 20, 384);
}

function draw_bandit(pen, [pulled], action, { arms, pulls, worst, best }) {
  const width = 520 / arms;
  Array.from({ length: arms }, (_, k) => k).forEach((k) => {
    const chance = worst + (best - worst) * k / (arms - 1);
    pen.fillStyle = action && action[0] === k ? vermilion : blue;
    pen.fillRect(40 + width * k + 4, 330 - 260 * chance, Math.max(width - 8, 1), 260 * chance);
  });
  line_on(pen, [[40, 330], [560, 330]], grey, 2);
  text_on(pen, `pull ${Math.min(pulled + 1, pulls)} of ${pulls}; heights are the chances that an arm pays`, 40, 370);
}

const worlds = {
  'CartPole-v1': draw_cart_pole, 'Acrobot-v1': draw_acrobot, 'MountainCar-v0': draw_mountain_car,
  'Pendulum-v1': draw_pendulum, 'TMaze-v0': draw_t_maze, 'Bandit-v0': draw_bandit,
};

function draw_numbers(pen, state, action) {
  state.forEach((x, k) => text_on(pen, `state ${k}: ${x}`, 40, 60 + 24 * k));
  text_on(pen, action ? `action: ${action.join(', ')}` : '', 20, 384);
}
