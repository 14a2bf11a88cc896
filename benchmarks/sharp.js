// Thumbnails as a script with sharp makes them: node sharp.js MODULES WORKERS LIST OUT FORMAT QUALITY SIDE...
// MODULES is the folder in which sharp was installed, LIST a file of names with a NUL behind each. The pool of libuv has as many
// threads as there are workers, libvips one for each picture, and there are always twice as many pictures under way, so that
// no thread waits. OUT/SIDE/NAME.FORMAT is written.

"use strict";
const [modules, workers, list, out, format, quality, ...sides] = process.argv.slice(2);
process.env.UV_THREADPOOL_SIZE = workers;
const fs = require("fs"), path = require("path");
const sharp = require(path.join(modules, "node_modules", "sharp"));
sharp.concurrency(1);
sharp.cache(false);

const names = fs.readFileSync(list, "utf8").split("\0").slice(0, -1);
let next = 0;

async function thumbnail(name, side) {
	const to = path.join(out, side, path.parse(name).name + "." + format);
	const picture = sharp(name, { failOn: "none" }).autoOrient()
		.resize(+side, +side, { fit: "inside", withoutEnlargement: true });
	const written = format === "png" ? picture.png()
		: picture.jpeg({ quality: +quality, chromaSubsampling: "4:2:0", optimiseCoding: false });
	await written.toFile(to).catch((error) => console.error(name, error.message));
}

async function walk() {
	while (next < names.length) {
		const name = names[next++];
		for (const side of sides)
			await thumbnail(name, side);
	}
}

for (let i = 0; i < 2 * workers; i++)
	walk();
