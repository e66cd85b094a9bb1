package run_test

// sparse thins out the cuts before a request: the world then is as after the request before it.
const sparse = 5
