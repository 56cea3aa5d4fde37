import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import solid from 'vite-plugin-solid';
import { defineConfig } from 'vite';

const apps = ['react', 'vue', 'svelte', 'lit', 'solid', 'preact', 'live'];

export default defineConfig({
  plugins: [
    react({ include: /react\.jsx$/ }),
    solid({ include: /solid\.jsx$/ }),
    vue(),
    svelte(),
  ],
  build: { rollupOptions: { input: Object.fromEntries(apps.map(name => [name, `${name}.html`])) } },
});
