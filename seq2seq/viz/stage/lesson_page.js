// The page around a lesson: everything is in this file, and nothing is fetched.

const played = JSON.parse(document.getElementById("played").textContent);
document.title = played.title;
makeLesson(document.getElementById("lesson"), () => {}).update({lesson: played, answers: {}, at: 0, own: null, next: null, offline: true});
