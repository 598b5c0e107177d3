// Looks again until the run has a folder.
setTimeout(() => location.reload(), 1500);
