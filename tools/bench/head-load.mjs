import { connect } from 'node:net';

/**
 * HEAD requests over kept-alive connections, as many as fit: wrk waits for the body that a HEAD does not have.
 * An answer ends with its empty line. @returns requests and the 99th percentile of their latency in milliseconds.
 */
export async function headLoad(url, headers, connections, seconds) {
  const { hostname, port, host, pathname } = new URL(url);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  const request = `HEAD ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
  const until = performance.now() + seconds * 1000;
  const latencies = [];
  await Promise.all(Array.from({ length: connections }, () => one(hostname, Number(port), request, until, latencies)));
  latencies.sort((a, b) => a - b);
  return { requests: latencies.length, p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0 };
}

function one(hostname, port, request, until, latencies) {
  return new Promise((done, failed) => {
    const socket = connect(port, hostname, () => socket.write(request));
    let sentAt = performance.now();
    let head = '';
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (text) => {
      head += text;
      if (!head.endsWith('\r\n\r\n')) return;
      if (!head.startsWith('HTTP/1.1 200')) return socket.destroy(new Error(`HEAD: ${head}`));
      const now = performance.now();
      latencies.push(now - sentAt);
      head = '';
      if (now > until) return socket.end();
      sentAt = now;
      socket.write(request);
    });
    socket.on('error', failed);
    socket.on('close', () => done());
  });
}
