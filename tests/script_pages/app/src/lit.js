// Lit: everything is in shadow roots, one in another.
import { LitElement, html } from 'lit';
import { article, comments, picture } from './data.js';

class Comments extends LitElement {
  static properties = { all: { state: true } };
  constructor() { super(); this.all = []; }
  connectedCallback() { super.connectedCallback(); comments().then(all => { this.all = all; }); }
  render() { return html`${this.all.map(text => html`<p>${text}</p>`)}<slot></slot>`; }
}

class Page extends LitElement {
  static properties = { found: { state: true } };
  constructor() { super(); this.found = null; }
  connectedCallback() {
    super.connectedCallback();
    article().then(one => { document.title = one.title; this.found = one; });
  }
  render() {
    return this.found && html`<article><h1>${this.found.title}</h1>
      ${this.found.paragraphs.map(text => html`<p>${text}</p>`)}<img src=${picture} alt="">
      <lit-comments></lit-comments></article>`;
  }
}

customElements.define('lit-comments', Comments);
customElements.define('lit-page', Page);
document.getElementById('root').append(document.createElement('lit-page'));
