// NodeBB in one process with what fills and changes it. nodebb_forum.py writes to its standard input; the answers go to
// the file descriptor that PROGRAM_ANSWERS names, as the standard output has NodeBB's log.
//
//     cd SITE && node --require nodebb_forum.js app.js [--setup=JSON]
//
// The main module is NodeBB's, since its plugins load parts of it by that.
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const { promisify } = require("util");

const ours = (name) => require(path.join(process.cwd(), name));
const { folder = "", look = "" } = JSON.parse(process.env.PROGRAM_CONFIGURATION || "{}");
const answer = (said) => fs.writeSync(Number(process.env.PROGRAM_ANSWERS), JSON.stringify(said) + "\n");

if (path.basename(process.argv[1]) !== "app.js") {
  // A process of its own for passwords or scripts, which NodeBB starts with the same options.
} else if (process.argv.some((given) => given.startsWith("--setup="))) {
  // The scripts and styles of the pages take half a minute, and no test reads them.
  const build = ours("build.js");
  const whole = build.build;
  const templates = (done) => whole("tpl", done);
  const theme = { type: "local", id: look || "nodebb-theme-persona" };
  build.build = (targets, done) => ours("src/meta").themes.set(theme, () => templates(done));
} else {
  process.send = ({ action }) => action === "listening" && serve();
}

async function serve() {
  const asked = [];
  ours("src/webserver").server.prependListener("request", (request) => asked.push(request.url));
  let people = null;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const told = JSON.parse(line);
    if (told.threads) {
      people = await register(told.people, told.moderator);
      answer(await fill(told.threads, people));
    } else {
      answer(told.do ? await change(told, people) : asked.splice(0));
    }
  }
  process.exit(0);
}

async function register(names, moderator) {
  const user = ours("src/user");
  const people = { [moderator]: 1 };
  for (const username of names) {
    people[username] = await promisify(user.create)({ username, email: `${username}@example.org` });
  }
  return people;
}

async function fill(threads, people) {
  const topics = ours("src/topics");
  for (const thread of threads) {
    const [first, ...others] = thread.posts;
    const at = (said) => ({ uid: people[said.author], content: said.source, timestamp: Date.parse(said.at) });
    const made = await promisify(topics.post)({ ...at(first), title: thread.title, cid: 1 });
    first.id = String(made.postData.pid);
    for (const said of others) {
      said.id = String((await promisify(topics.reply)({ ...at(said), tid: made.topicData.tid })).pid);
    }
    thread.url = encodeURI(`${folder}/topic/${made.topicData.slug}`);
  }
  return threads;
}

async function change({ do: doing, thread, post, author, source }, people) {
  const posts = ours("src/posts");
  if (doing === "quote") {
    // As the composer of the program writes it.
    const quoted = (await promisify(posts.getPostField)(post, "content")).split("\n").map((line) => `> ${line}`);
    const by = await promisify(posts.getPostField)(post, "uid");
    const name = await promisify(ours("src/user").getUserField)(by, "username");
    source = `@${name} said:\n${quoted.join("\n")}\n\n${source}`;
    doing = "add";
  }
  if (doing === "add") {
    const reply = { uid: people[author], content: source, tid: thread.slice(folder.length).split("/")[2] };
    return String((await promisify(ours("src/topics").reply)(reply)).pid);
  }
  if (doing === "edit") {
    await promisify(posts.edit)({ pid: post, uid: 1, content: source, req: { uid: 1 } });
  } else {
    await promisify(posts.tools.purge)(1, post);
  }
  return post;
}
