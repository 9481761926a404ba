/* The world: two tables in a catalog, requests under way to it, the store of Prepared, and what must always hold.
 *
 * Switches: REQUIREMENTS (else the catalog swaps an exact base), ATOMIC (else one table a call), ROLLBACK, LOSS; and the mutants of run.py.
 * Bounds: PROCESSES, POSITIONS, FAULTS, FOREIGN, CRASHES.
 */
#define LEAD 0
#define OTHER 1
#define PREPARED 8 /* they are numbered from 1; 0 is none */
#define PREPARED_EACH ((PREPARED - 1) / PROCESSES)

#define bit_of(k) (1 << (k))
#define has(mask, k) (((mask) >> (k)) & 1)
#define below(position) ((1 << (position)) - 1) /* the set of all positions before this one */

mtype = { applied, refused, unknown };                                /* CommitOutcome */
mtype = { commit, rebase, fenced, history_changed };                  /* CommitDecision, with applied */
mtype = { fence_request, lead_request, other_request, both_request }; /* what may be under way */

/* The state of a table that a request names, as a catalog compares it: never by its number. A table never comes back to a state that it
 * has left, so a base is `current` or `gone`. Except: where only main is compared, a rollback can put main back to a snapshot that
 * somebody has marked, and who had named that (`marked`) is current again. */
#define gone 0
#define current 1
#define marked 2

/* run.py asks for the way to each of these once, so that nothing holds only because it never comes up. */
#define witness(n) assert(n != WITNESS)
#define a_prepared_is_adopted 1
#define a_commit_is_rebased 2
#define a_process_is_fenced 3
#define an_unknown_was_applied 4
#define another_rolls_forward 5
#define a_rollback_is_noticed 6
#define a_rollback_revives_a_request 7

typedef Table {
  bit beyond_mark; /* main does not stand at the snapshot that a rollback will go to: at first the one that all began with */
  byte marked_rows;
  byte marked_fence;
  byte visible;    /* set of Prepared whose snapshots the metadata still lists in main's history */
  byte key;        /* property: the newest Prepared that landed here */
  byte rows;       /* truth: positions whose rows main has */
  bit left;        /* the metadata log has a step, since our last commit, in which main left a snapshot of ours behind */
  bit newer_marker /* a snapshot is listed that carries a newer fence than the record */
};
Table table[2];
byte fence;    /* property of the lead: fence epoch */
byte progress; /* property of the lead: next position to read */

/* The store. A Prepared does not change. */
byte first[PREPARED];  /* its position */
byte before[PREPARED]; /* the key that the lead must hold when it lands */
byte durable;          /* set of those that can be read */

/* Truth that no process can see. */
byte top_fence; /* highest fence that ever landed */
byte decided;   /* set of Prepared that ever were the lead's key */
bit revived;    /* a rollback made a request of before it land: its rows are there again, what came after is not, until somebody looks */
byte voided;    /* set of Prepared that a process called void: their positions are read again */

/* What processes and requests under way name as base; the latter have nobody any more who waits for them. */
byte base[2 * PROCESSES];
#define base_of(process, t) base[2 * process + t]
typedef Request { mtype kind; byte key; byte fence; byte base; byte base_of_other };
Request late[FAULTS];
byte faults = FAULTS;

hidden Request request;
hidden byte landed; /* what the last arrival came to */
hidden byte fate;
hidden byte i;
hidden byte j;

#if defined(REQUIREMENTS) && defined(ROLLBACK)
#define after_move(t, b) (b != current -> b : (table[t].beyond_mark -> gone : marked))
#else
#define after_move(t, b) (b == current -> gone : b)
#endif
#define after_return(b) (b == marked -> current : gone)
#define after_new_mark(b) (b == marked -> gone : b)

#define rolled_back(t) (table[t].left || table[t].newer_marker)

/* Only what the catalog itself compares proves anything (rule 3). */
#ifdef CHECKED_BY_CLIENT
#define stands(b) true
#else
#define stands(b) (b == current)
#endif

inline clear(n) {
  late[n].kind = 0; late[n].key = 0; late[n].fence = 0; late[n].base = 0; late[n].base_of_other = 0
}

/* What can never be applied any more is not worth a state. */
inline forget_dead() {
#ifdef CHECKED_BY_CLIENT
  skip
#else
  j = 0;
  do
  :: j == FAULTS -> break
  :: else ->
    if
    :: late[j].kind != 0 && (late[j].base == gone || (late[j].kind == both_request && late[j].base_of_other == gone)) -> clear(j)
    :: else
    fi;
    j++
  od
#endif
}

/* What the catalog compares of table `t` has changed. */
inline move(t) {
  j = 0;
  do
  :: j == PROCESSES -> break
  :: else -> base_of(j, t) = after_move(t, base_of(j, t)); j++
  od;
  j = 0;
  do
  :: j == FAULTS -> break
  :: else ->
    if
    :: late[j].kind == both_request && t == OTHER -> late[j].base_of_other = after_move(t, late[j].base_of_other)
    :: late[j].kind != 0 && (late[j].kind == other_request) == (t == OTHER) -> late[j].base = after_move(t, late[j].base)
    :: else
    fi;
    j++
  od;
  table[t].beyond_mark = 1;
  forget_dead()
}

inline move_unless_main_stays(t) {
#ifdef REQUIREMENTS
  skip
#else
  move(t)
#endif
}

inline land_fence(epoch) {
  fence = epoch;
  if :: epoch > top_fence -> top_fence = epoch :: else fi;
#if defined(PROPERTY_FENCE) || defined(FENCE_ON_BRANCH)
  move_unless_main_stays(LEAD); /* only properties change, or a ref that this catalog does not know */
#else
  move(LEAD); /* where main alone is compared: an empty append on it */
#endif
  landed = true
}

inline land_rows(t, prepared) {
  assert(!has(table[t].rows, first[prepared])); /* no position lands twice */
  table[t].key = prepared;
  table[t].visible = table[t].visible | bit_of(prepared);
  table[t].rows = table[t].rows | bit_of(first[prepared]);
  table[t].left = 0;
  move(t);
  landed = true
}

inline land_lead(prepared, epoch) {
  assert(has(durable, prepared)); /* the lead's key names a Prepared that anybody can read */
  if
  :: !rolled_back(LEAD) ->
    assert(epoch == top_fence || revived);     /* a fenced process changes nothing */
    assert(!has(voided, prepared) || revived); /* what recovery found was final */
    assert(first[prepared] == progress);       /* nothing is skipped, progress never goes back */
    assert(table[OTHER].rows == below(progress) || rolled_back(OTHER) || revived) /* it has every epoch before, and no later one */
  :: else ->
#ifdef REQUIREMENTS
    witness(a_rollback_revives_a_request);
    revived = true;
    table[LEAD].newer_marker = epoch < top_fence /* main is back where this request wants it: only the next look can tell */
#else
    assert(false) /* nothing lands on a history that was rolled back */
#endif
  fi;
  fence = epoch;
  progress = first[prepared] + 1;
  decided = decided | bit_of(prepared);
#if !defined(MUTANT) && !(defined(REQUIREMENTS) && defined(ROLLBACK))
  durable = bit_of(prepared); /* what followed the same key as this one can never land any more: not worth a state */
  voided = 0;
#endif
  land_rows(LEAD, prepared)
}

inline land_other(prepared) {
  assert(has(decided, prepared)); /* never ahead of the lead */
#ifdef REQUIREMENTS
  if :: rolled_back(OTHER) -> revived = true :: else fi;
#else
  assert(!rolled_back(OTHER)); /* nothing lands on a history that was rolled back */
#endif
  assert(table[OTHER].rows == below(first[prepared])); /* in order, none left out */
  land_rows(OTHER, prepared)
}

/* One request reaches the catalog. */
inline arrive(kind_, key_, fence_, base_, base_of_other_) {
  if
  :: kind_ == fence_request && base_ == current -> land_fence(fence_)
  :: kind_ == other_request && base_ == current -> land_other(key_)
#ifdef ATOMIC
  :: kind_ == both_request && stands(base_) && base_of_other_ == current -> land_lead(key_, fence_); land_other(key_)
#else
  :: kind_ == lead_request && stands(base_) -> land_lead(key_, fence_)
#endif
  :: else
  fi
}

inline keep(kind_, key_, fence_, base_, base_of_other_) {
  j = 0;
  do
  :: late[j].kind == 0 -> break
  :: else -> j++
  od;
  late[j].kind = kind_; late[j].key = key_; late[j].fence = fence_; late[j].base = base_; late[j].base_of_other = base_of_other_;
  forget_dead()
}

/* A call as its caller meets it. Whether it was applied is settled here; the caller's next step may come any time later. */
#define prompt 0
#define twice 1 /* the network sends it again later */
#define reply_lost 2
#define delayed 3 /* or lost: a late request may never arrive */
inline call(kind_, key_, fence_, base_, base_of_other_) {
  if
  :: fate = prompt
  :: faults > 0 -> faults--; if :: fate = twice :: fate = reply_lost :: fate = delayed fi
  fi;
  landed = false;
  if :: fate == twice || fate == delayed -> keep(kind_, key_, fence_, base_, base_of_other_) :: else fi;
  if :: fate != delayed -> arrive(kind_, key_, fence_, base_, base_of_other_) :: else fi;
  outcome = (fate == reply_lost || fate == delayed -> unknown : (landed -> applied : refused))
}

/* The network delivers late requests, in any order, to nobody's reply; or loses them. */
active proctype network() {
end:
  do
  :: atomic {
      if :: late[0].kind != 0 -> i = 0 :: late[FAULTS - 1].kind != 0 -> i = FAULTS - 1 fi; /* one fault or two: no other slot */
      request.kind = late[i].kind; request.key = late[i].key; request.fence = late[i].fence;
      request.base = late[i].base; request.base_of_other = late[i].base_of_other;
      clear(i);
      arrive(request.kind, request.key, request.fence, request.base, request.base_of_other)
    }
#ifdef LOSS
  :: atomic { if :: late[0].kind != 0 -> clear(0) :: late[FAULTS - 1].kind != 0 -> clear(FAULTS - 1) fi }
#endif
  od
}

/* Other people's engines, and the habits of their libraries. */
inline append(t) { move(t) }

inline expire(t) {
  table[t].visible = 0; /* after an append: the head is theirs */
  table[t].newer_marker = 0;
  move_unless_main_stays(t)
}

#ifdef ROLLBACK
/* Every base of table `t`, as `after` has it. */
#define each_base(t, after) \
  j = 0; \
  do \
  :: j == PROCESSES -> break \
  :: else -> base_of(j, t) = after(base_of(j, t)); j++ \
  od; \
  j = 0; \
  do \
  :: j == FAULTS -> break \
  :: else -> \
    if \
    :: late[j].kind == both_request && t == OTHER -> late[j].base_of_other = after(late[j].base_of_other) \
    :: late[j].kind != 0 && (late[j].kind == other_request) == (t == OTHER) -> late[j].base = after(late[j].base) \
    :: else \
    fi; \
    j++ \
  od

inline mark(t) {
#ifdef REQUIREMENTS
  each_base(t, after_new_mark);
  forget_dead();
#endif
  table[t].beyond_mark = 0;
  table[t].marked_rows = table[t].rows;
  table[t].marked_fence = fence
}

#ifdef REQUIREMENTS
#define loses_ours(t) (table[t].rows != table[t].marked_rows || (t == LEAD && fence != table[t].marked_fence)) /* fences are snapshots */
#else
#define loses_ours(t) (table[t].rows != table[t].marked_rows)
#endif

inline roll_back(t) {
  if :: loses_ours(t) -> table[t].left = 1 :: else fi;
  table[t].rows = table[t].marked_rows;
  j = 1;
  do
  :: j == PREPARED -> break
  :: j < PREPARED && !has(table[t].rows, first[j]) -> table[t].visible = table[t].visible & ~bit_of(j); j++
  :: j < PREPARED && has(table[t].rows, first[j]) -> j++
  od;
#ifdef REQUIREMENTS
  each_base(t, after_return);
  forget_dead();
  table[t].beyond_mark = 0
#else
  move(t)
#endif
}
#endif

#if FOREIGN > 0
active proctype others() {
  byte changes = FOREIGN;
  byte marks = 1;
end:
  do
#ifdef ROLLBACK
  :: atomic { marks > 0 -> marks--; if :: i = LEAD :: i = OTHER fi; mark(i) }
#endif
  :: atomic {
      changes > 0 ->
      changes--;
      if :: i = LEAD :: i = OTHER fi;
      if
      :: append(i)
      :: append(i); expire(i)
#ifdef ROLLBACK
      :: table[i].beyond_mark -> roll_back(i)
#endif
      fi
    }
  od
}
#endif
