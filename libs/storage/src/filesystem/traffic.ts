/** How many large objects a process is sending now. */
export class Traffic {
  #transfers = 0;

  get isShared(): boolean {
    return this.#transfers > 1;
  }

  async during<T>(transfer: () => Promise<T>): Promise<T> {
    this.#transfers += 1;
    try {
      return await transfer();
    } finally {
      this.#transfers -= 1;
    }
  }
}
