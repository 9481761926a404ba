/* The proof of history: is what this pipeline committed last, S, still in main's past? One table, and what other people's engines do to it in
 * any order. The verdict is computed from what metadata files say, as table_history.cc does, and compared with the truth in every state.
 *
 * Switches: LOST_LOG (metadata files may be removed), PUT_BACK (properties may be put back to an older state); mutants as in run.py.
 */
#define SNAPSHOTS 6 /* numbered from 1 in the order of their sequence numbers; 0 is none */
#define VERSIONS 8

#define bit_of(n) (1 << (n))
#define has(mask, n) (((mask) >> (n)) & 1)

mtype = { intact, rolled_back, put_back, unprovable }; /* HistoryVerdict */
mtype = { kept, left_behind, log_gone };                /* LogWitness */

/* A metadata file. */
typedef Version {
  byte main;
  byte listed; /* snapshots it has */
  byte cut     /* of those, the ones whose parent's id was emptied */
};
Version version[VERSIONS];
byte newest;    /* index of the current one */
byte oldest;    /* of the oldest that is still there */
byte snapshots; /* how many there ever were */
byte parent[SNAPSHOTS];
byte ours;   /* set of snapshots whose summary says that this pipeline made them */
byte live[SNAPSHOTS]; /* for each snapshot, the set of those of which its live files have an entry or their sequence number */
byte tag;    /* a snapshot that another ref holds */
byte last;   /* property: S, our last snapshot */
byte former; /* what the property said before */

/* Truth. */
byte past[SNAPSHOTS]; /* what each snapshot is built on, itself too */

#define now version[newest]
#define is_true (has(past[now.main], last) && (ours & past[now.main]) < 2 * bit_of(last)) /* S is in main's past, and nothing newer of ours */

bit was_elsewhere; /* main left S at some time, or was put to what it was not built on; it may be back */

/* What a look gathers; see HistoryFacts. */
mtype verdict;
hidden byte at;
hidden byte path;
hidden byte lost_path;
hidden byte end_of_path;
hidden byte known;
hidden byte walked;
hidden byte next_at;
hidden byte has_newer_own;
hidden byte is_in_chain;
hidden byte has_older_visible;
hidden byte held;
mtype log_says;

/* path: snapshots from main down to where the listed parents end. */
inline visible_past(v, from) {
  path = 0;
  at = from;
  do
  :: at == 0 || !has(version[v].listed, at) -> break
  :: else -> path = path | bit_of(at); at = (has(version[v].cut, at) -> 0 : parent[at])
  od
}

/* One step of main from a version to the next; `known` are S and what is known to be built on it. */
inline step(v) {
  if
  :: version[v + 1].main == version[v].main -> skip
  :: else ->
    lost_path = 0;
    at = version[v + 1].main;
    do
    :: at == 0 || has(known, at) -> break
    :: else ->
      lost_path = lost_path | bit_of(at);
      end_of_path = at;
      /* What the new version has cut off or emptied, the old one may still know. */
      if
      :: has(version[v + 1].listed, at) && !has(version[v + 1].cut, at) -> at = parent[at]
      :: !(has(version[v + 1].listed, at) && !has(version[v + 1].cut, at)) && has(version[v].listed, at) && !has(version[v].cut, at) -> at = parent[at]
      :: else -> at = 0
      fi
    od;
    if
    :: at != 0 -> known = known | lost_path
    :: at == 0 && (has(version[v].listed, version[v + 1].main) || has(version[v].listed, end_of_path)) -> log_says = left_behind
    :: else -> log_says = log_gone
    fi
  fi
}

inline ask_log() {
  log_says = log_gone;
  walked = newest;
  do /* back to a version that has S in main's visible past */
  :: visible_past(walked, version[walked].main);
#ifndef NEWER_MARKER_IN_THE_PRESENT_ONLY
    if :: (path & ours) >= 2 * bit_of(last) -> has_newer_own = true :: else fi;
#endif
    if
    :: has(path, last) -> log_says = kept; break
    :: !has(path, last) && walked == oldest -> break
    :: else -> walked--
    fi
  od;
  if
  :: log_says == kept ->
    known = path & ~(bit_of(last) - 1);
    do /* and forward again */
    :: walked == newest || log_says != kept -> break
    :: else -> step(walked); walked++
    od
  :: else
  fi
}

inline judge_history() {
  visible_past(newest, now.main);
  is_in_chain = has(path, last);
  has_newer_own = (path & ours) >= 2 * bit_of(last);
  has_older_visible = !is_in_chain && (path & (bit_of(last) - 1)) != 0;
  if
  :: has_newer_own -> verdict = put_back
  :: !has_newer_own && is_in_chain -> verdict = intact
  :: else ->
    ask_log();
#ifdef A_CUT_PROVES_EXPIRY /* mutant: what is not to be seen has expired */
    if :: !has_older_visible -> log_says = kept :: else fi;
#endif
#ifdef NO_LOG
    log_says = log_gone;
#endif
    held = 0;
    visible_past(newest, tag);
    held = path;
    if
    :: has_newer_own -> verdict = put_back
    :: !has_newer_own && log_says == kept -> verdict = intact
    :: !has_newer_own && log_says == left_behind -> verdict = rolled_back
    :: !has_newer_own && log_says == log_gone && has_older_visible -> verdict = rolled_back
    :: !has_newer_own && log_says == log_gone && !has_older_visible ->
      if
      :: has(live[now.main], last) -> verdict = intact
      :: !has(live[now.main], last) && has(now.listed, last) && !has(held, last) -> verdict = rolled_back
      :: else -> verdict = unprovable
      fi
    fi
  fi;
  has_newer_own = 0; has_older_visible = 0; is_in_chain = 0
}

inline new_version() {
  version[newest + 1].main = version[newest].main;
  version[newest + 1].listed = version[newest].listed;
  version[newest + 1].cut = version[newest].cut;
  newest++
}

inline add_snapshot() {
  new_version();
  snapshots++;
  parent[snapshots] = now.main;
  past[snapshots] = past[now.main] | bit_of(snapshots);
  now.main = snapshots;
  now.listed = now.listed | bit_of(snapshots);
  live[snapshots] = live[parent[snapshots]] | bit_of(snapshots)
}

/* All but main's head, and what a tag holds. */
inline expire() {
  new_version();
  now.listed = now.listed & (bit_of(now.main) | (tag == 0 -> 0 : bit_of(tag)));
  now.cut = now.cut & now.listed
}

inline empty_parents() {
  n = 1;
  do
  :: n == SNAPSHOTS -> break
  :: n < SNAPSHOTS && has(now.listed, n) && !has(now.listed, parent[n]) -> now.cut = now.cut | bit_of(n); n++
  :: n < SNAPSHOTS && !(has(now.listed, n) && !has(now.listed, parent[n])) -> n++
  od;
  n = 0
}

#define room_for_version (newest < VERSIONS - 1)
#define room_for_snapshot (snapshots < SNAPSHOTS - 1 && room_for_version)

#define others_listed (now.listed & ~bit_of(now.main))
#define can_expire (room_for_version && (now.listed & ~(bit_of(now.main) | bit_of(tag))) > 1)

init {
  byte n;
  d_step {
    add_snapshot(); /* somebody else's */
    add_snapshot();
    ours = bit_of(snapshots);
    last = snapshots;
    verdict = intact
  };
end:
  do
  :: atomic {
      if
      :: room_for_snapshot && verdict == intact -> /* this pipeline goes on, but only on a history that it believes */
        former = last;
        add_snapshot();
        ours = ours | bit_of(snapshots);
        last = snapshots
      :: room_for_snapshot -> add_snapshot() /* append; compaction, which keeps sequence numbers */
      :: room_for_snapshot -> add_snapshot(); live[snapshots] = bit_of(snapshots) /* overwrite, delete */
      :: can_expire -> expire()                  /* Java keeps the survivor's parent */
      :: can_expire -> expire(); empty_parents() /* PyIceberg does not */
      :: tag == 0 -> tag = now.main
      :: room_for_version && others_listed != 0 -> /* roll back, or set main to anything that is still listed */
        n = 1;
        do
        :: (others_listed >> (n + 1)) != 0 -> n++
        :: has(others_listed, n) -> break
        od;
        new_version();
        now.main = n;
        if :: !has(past[version[newest - 1].main], n) -> was_elsewhere = true :: else fi;
        n = 0
#ifdef LOST_LOG
      :: oldest < newest -> oldest = newest
#endif
#ifdef PUT_BACK
      :: former != 0 -> last = former; former = 0
#endif
      fi;
      judge_history();
      assert(verdict != intact || is_true); /* what is called intact is */
      if :: !is_true -> was_elsewhere = true :: else fi;
#if !defined(LOST_LOG) && !defined(PUT_BACK)
      assert(verdict == intact || was_elsewhere) /* nobody is stopped without need */
#endif
    }
  od
}
