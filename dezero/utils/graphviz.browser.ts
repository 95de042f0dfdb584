import { DeviceError } from '../backends/errors';

/** A browser has no file to draw into. @throws DeviceError always. @since 28 */
export function renderDot(_dot: string): Promise<string> {
  return Promise.reject(
    new DeviceError('plotDotGraph: draws files, under Node; in a browser give the text of getDotGraph(y) to Graphviz'),
  );
}
