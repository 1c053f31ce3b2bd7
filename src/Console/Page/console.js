'use strict';

// Everything shown comes from logs, so everything is set as text, never as markup.
const rowsMax = 500;
const refreshEveryMs = 2000;
const byId = id => document.getElementById(id);

function cell(text, className) {
  const td = document.createElement('td');
  td.textContent = text ?? '';
  if (className) td.className = className;
  return td;
}

function row(...cells) {
  const tr = document.createElement('tr');
  tr.append(...cells);
  return tr;
}

function none(columns, text) {
  const td = cell(text, 'none');
  td.colSpan = columns;
  return row(td);
}

const time = text => text ? new Date(text).toLocaleString(undefined, { hour12: false }) : '';
const percent = ratio => ratio ? `${Math.round(ratio * 100)} %` : '';
const word = name => (name ?? '').replace(/^(SEVERITY|NODE_STATE)_/, '').replace('UNSPECIFIED', '').toLowerCase();
const severityClass = severity => ({ error: 'bad', fatal: 'bad', warn: 'warn' })[severity] ?? '';
const stateClass = state => ({ down: 'bad', suspect: 'warn', flapping: 'warn', up: 'good' })[state] ?? '';

async function ask(path) {
  const response = await fetch(path);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `${path}: ${response.status}`);
  return body;
}

function nodeRow(node) {
  const state = word(node.state);
  return row(cell(node.nodeId), cell(state, stateClass(state)), cell(time(node.stateSince), 'time'), cell(time(node.lastSeen), 'time'),
    cell(percent(node.vitals?.cpuRatio)), cell(percent(node.vitals?.memoryRatio)), cell((node.services ?? []).join(', ')));
}

function alertRow(alert) {
  const severity = word(alert.severity);
  return row(cell(time(alert.starts), 'time'), cell(alert.ends ? 'resolved' : severity, alert.ends ? 'good' : severityClass(severity)),
    cell(alert.nodeId), cell(alert.summary, 'text'));
}

function logRow(record) {
  const severity = word(record.severity);
  return row(cell(time(record.time), 'time'), cell(severity, severityClass(severity)), cell(record.nodeId), cell(record.service),
    cell(record.message, 'text'));
}

async function refresh() {
  try {
    const [nodes, alerts] = await Promise.all([ask('/api/nodes'), ask('/api/alerts?limit=50')]);
    byId('nodes').replaceChildren(...(nodes.length ? nodes.map(nodeRow) : [none(7, 'no node has been seen yet')]));
    byId('nodes-count').textContent = nodes.length ? `${nodes.filter(n => word(n.state) === 'up').length} of ${nodes.length} up` : '';
    byId('alerts').replaceChildren(...(alerts.length ? alerts.map(alertRow) : [none(4, 'nothing to worry about')]));
    byId('alerts-count').textContent = alerts.length ? `newest ${alerts.length}` : '';
    byId('status').textContent = `as of ${new Date().toLocaleTimeString(undefined, { hour12: false })}`;
  } catch (error) {
    byId('status').textContent = error.message;
  } finally {
    setTimeout(refresh, refreshEveryMs);
  }
}

let tail = null;

function query() {
  const form = new FormData(byId('search'));
  return new URLSearchParams([...form].filter(([, value]) => value !== ''));
}

function follow() {
  tail?.close();
  tail = null;
  if (!byId('live').checked) return;
  tail = new EventSource(`/api/tail?${query()}`);
  tail.onmessage = event => {
    const logs = byId('logs');
    if (logs.querySelector('.none')) logs.replaceChildren();
    logs.prepend(logRow(JSON.parse(event.data)));
    while (logs.childElementCount > rowsMax) logs.lastElementChild.remove();
  };
}

async function search() {
  const problem = byId('problem');
  try {
    const found = await ask(`/api/logs?${query()}&limit=200`);
    byId('logs').replaceChildren(...(found.length ? found.map(f => logRow(f.record)) : [none(5, 'nothing stored matches')]));
    problem.hidden = true;
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
  follow();
}

byId('search').addEventListener('submit', event => { event.preventDefault(); search(); });
byId('live').addEventListener('change', follow);
refresh();
search();
