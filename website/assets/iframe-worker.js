// Browsers start no worker in a page that was opened as a file. There, the search's worker runs in a
// hidden frame instead, so that search needs no server. The builder knows this file by its name.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    onmessage = null
    onerror = null
    onmessageerror = null
    #frame = document.createElement("iframe")
    #waiting = []

    constructor(url) {
      super()
      this.#frame.hidden = true
      document.body.append(this.#frame)
      const inside = this.#frame.contentWindow
      inside.postMessage = (data) => this.#deliver(this, data)
      const script = inside.document.createElement("script")
      script.src = new URL(url, location).href
      script.onload = () => {
        const waiting = this.#waiting
        this.#waiting = null
        waiting.forEach((data) => this.postMessage(data))
      }
      script.onerror = () => this.onerror?.(new ErrorEvent("error", { message: `cannot load ${url}` }))
      inside.document.head.append(script)
    }

    postMessage(data) {
      if (this.#waiting) this.#waiting.push(data)
      else this.#deliver(this.#frame.contentWindow, data)
    }

    terminate() {
      this.#frame.remove()
    }

    #deliver(target, data) {
      const copy = structuredClone(data)
      setTimeout(() => {
        if (this.#frame.isConnected) target.onmessage?.(new MessageEvent("message", { data: copy }))
      })
    }
  }
}
