/** Told of the parts of a JSON object as they come by, each as its own JSON text. */
export interface SliceHandler {
  /** A field of the object, but for the elements of the list that is taken apart. */
  onField(key: string, text: string): void;
  /** An element of the list. */
  onItem(text: string): void;
  /** The list is there, perhaps empty. */
  onList(): void;
  /** A part that is longer than the slicer keeps. Its end is looked for all the same. */
  onOversized(where: string): void;
}

/**
 * Takes one JSON object apart while it comes in, so that a document of any size costs the memory of its largest part.
 * It finds where parts begin and end; whether a part is JSON is for `JSON.parse` to say.
 */
export class ObjectSlicer {
  private state: State = 'start';
  private part = '';
  private partLength = 0;
  private depth = 0;
  private isInText = false;
  private isEscaped = false;
  private key = '';
  private fault: string | null = null;

  /**
   * @param listKey  the field whose value, when it is a list, is handed over element by element.
   * @param mostChars  of one part.
   */
  constructor(
    private readonly listKey: string,
    private readonly mostChars: number,
    private readonly handler: SliceHandler,
  ) {}

  write(chunk: string): void {
    for (let at = 0; at < chunk.length && this.fault === null;)
      at = this.isInPart() ? this.goOn(chunk, at) : this.step(chunk, at);
  }

  /** What is wrong with the text as a whole; null: it was one object from its first character to its last. */
  end(): string | null {
    return this.fault ?? (this.state === 'after' ? null : 'ends too early');
  }

  private isInPart(): boolean {
    return this.state === 'in-key' || this.state === 'in-value' || this.state === 'in-item';
  }

  /** Between two parts: one character. @returns where to go on. */
  private step(chunk: string, at: number): number {
    const char = chunk[at] ?? '';
    if (SPACE.has(char) || (char === '\ufeff' && this.state === 'start')) return at + 1;
    const next = this.nextState(char);
    if (next === null) {
      this.fault = this.state === 'start' ? 'is no JSON object' : `is no JSON at "${char}"`;
      return at;
    }
    this.state = next;
    if (!this.isInPart()) return at + 1;
    [this.part, this.partLength, this.depth, this.isInText, this.isEscaped] = ['', 0, 0, false, false];
    return this.goOn(chunk, at);
  }

  private nextState(char: string): State | null {
    switch (this.state) {
      case 'start':
        return char === '{' ? 'first-key' : null;
      case 'first-key':
        return char === '}' ? 'after' : char === '"' ? 'in-key' : null;
      case 'key':
        return char === '"' ? 'in-key' : null;
      case 'colon':
        return char === ':' ? 'value' : null;
      case 'value':
        if (char !== '[' || this.key !== this.listKey) return CLOSING.has(char) ? null : 'in-value';
        this.handler.onList();
        return 'first-item';
      case 'comma':
        return char === ',' ? 'key' : char === '}' ? 'after' : null;
      case 'first-item':
        return char === ']' ? 'comma' : CLOSING.has(char) ? null : 'in-item';
      case 'item':
        return CLOSING.has(char) ? null : 'in-item';
      case 'item-comma':
        return char === ',' ? 'item' : char === ']' ? 'comma' : null;
      default:
        return null;
    }
  }

  /** Inside of a part: to its end, or to the end of the chunk. */
  private goOn(chunk: string, start: number): number {
    for (let at = start; at < chunk.length; at++) {
      if (this.isInText) {
        at = this.endOfText(chunk, at);
        if (this.isInText) break;
        if (this.depth === 0) return this.finishPart(chunk, start, at + 1);
        continue;
      }
      const code = chunk.charCodeAt(at);
      if (code === QUOTE) this.isInText = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET) this.depth++;
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        // The end of what surrounds a number or a word.
        if (this.depth === 0) return this.finishPart(chunk, start, at);
        if (--this.depth === 0) return this.finishPart(chunk, start, at + 1);
      } else if (this.depth === 0 && (code === COMMA || SPACE.has(chunk[at] ?? '')))
        return this.finishPart(chunk, start, at);
    }
    this.keep(chunk, start, chunk.length);
    return chunk.length;
  }

  /** Most of a report is text, so quotes are looked for and not each character. @returns where the closing quote is. */
  private endOfText(chunk: string, start: number): number {
    let from = this.isEscaped ? start + 1 : start;
    this.isEscaped = false;
    for (;;) {
      const quote = chunk.indexOf('"', from);
      const end = quote < 0 ? chunk.length : quote;
      let slashes = 0;
      while (end - slashes > from && chunk.charCodeAt(end - slashes - 1) === BACKSLASH) slashes++;
      const isEscaped = slashes % 2 === 1;
      if (quote < 0) {
        this.isEscaped = isEscaped;
        return end;
      }
      if (!isEscaped) {
        this.isInText = false;
        return quote;
      }
      from = quote + 1;
    }
  }

  private finishPart(chunk: string, start: number, end: number): number {
    this.keep(chunk, start, end);
    const isWhole = this.partLength <= this.mostChars;
    if (this.state === 'in-key') {
      this.key = isWhole ? this.parsedKey() : '';
      this.state = 'colon';
      return end;
    }
    if (!isWhole) this.handler.onOversized(this.state === 'in-item' ? this.listKey : this.key);
    else if (this.state === 'in-item') this.handler.onItem(this.part);
    else this.handler.onField(this.key, this.part);
    this.state = this.state === 'in-item' ? 'item-comma' : 'comma';
    this.part = '';
    return end;
  }

  private keep(chunk: string, start: number, end: number): void {
    this.partLength += end - start;
    this.part = this.partLength <= this.mostChars ? this.part + chunk.slice(start, end) : '';
  }

  private parsedKey(): string {
    try {
      return JSON.parse(this.part) as string;
    } catch {
      this.fault = 'is no JSON in the name of a field';
      return '';
    }
  }
}

type State =
  | 'start'
  | 'first-key'
  | 'key'
  | 'in-key'
  | 'colon'
  | 'value'
  | 'in-value'
  | 'comma'
  | 'first-item'
  | 'item'
  | 'in-item'
  | 'item-comma'
  | 'after';

const SPACE: ReadonlySet<string> = new Set([' ', '\n', '\r', '\t']);
const CLOSING: ReadonlySet<string> = new Set([',', ':', '}', ']']);
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
